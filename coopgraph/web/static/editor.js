// Turn the plain form of /sparql into an editor that runs queries on the spot.
//
// In: the form as the server made it. Out: the same form with Yasqe (vendor/yasqe) in place of its
// text area. An answer is the page that the server makes for everybody, fetched, and its section
// put in place; so an address of a query always shows what the editor showed. completions.js completes
// names, answer.js gives an answer its tabs. Nothing outside this server is asked.
"use strict";

(() => {
  const form = document.querySelector("form.editor");
  const area = form.querySelector("textarea");
  const state = document.getElementById("state");
  const answer = document.querySelector("section.answer");
  const examples = document.querySelector("details.examples");
  const [runButton, stopButton] = form.querySelectorAll(".actions button");
  const prefixes = JSON.parse(document.getElementById("prefixes").textContent);
  const { ask, element } = coopgraph;
  const DRAFT = "coopgraph.query";
  let running = null; // what stops the query under way
  let shownAt = location.search; // the address of what is shown

  // The editor ---------------------------------------------------------------------------------

  function makeEditor() {
    const names = coopgraph.completers({ ...form.dataset, prefixes });
    const box = element("div", "", "editor-box");
    area.before(box);
    const made = new Yasqe(box, {
      value: area.value,
      createShareableLink: null,
      consumeShareLink: null,
      persistenceId: null,
      showQueryButton: false,
      resizeable: false,
      editorHeight: "auto",
      screenReaderLabel: "Query",
      tabSize: 2,
      indentUnit: 2,
      extraKeys: { "Ctrl-Enter": run, "Cmd-Enter": run, Esc: () => leave(made), "Ctrl-S": false },
    });
    made.checkSyntax = () => markSyntax(made);
    made.on("inputRead", (_, change) => {
      const typed = change.text.at(-1);
      if (/[\w:?$]$/.test(typed) && !made.state.completionActive) made.autocomplete();
    });
    made.on("change", () => {
      area.value = made.getValue();
      keep(area.value);
      unmark(made);
    });
    made.on("autocompletionShown", (_, { hints }) => {
      hints.setAttribute("aria-label", "Names");
      hints.tabIndex = 0; // a list that scrolls has to be reachable
    });
    made.on("focus", () => names.forEach((load) => load()));
    made.getInputField().setAttribute("aria-describedby", "keys");
    form.querySelector("label").addEventListener("click", () => made.focus());
    area.hidden = true;
    markSyntax(made);
    return made;
  }

  /** After Escape, Tab moves on to the next control instead of indenting. */
  function leave(made) {
    const passing = { Tab: false, "Shift-Tab": false, name: "leaving" };
    made.removeKeyMap("leaving");
    made.addKeyMap(passing);
    const stay = () => {
      made.removeKeyMap("leaving");
      made.off("blur", stay);
      made.off("change", stay);
    };
    made.on("blur", stay);
    made.on("change", stay);
    say("Tab now leaves the editor.");
  }

  /** Put a sign beside the first line that the editor cannot read as SPARQL. */
  function markSyntax(made) {
    made.clearGutter("gutterErrorBar");
    made.queryValid = true;
    for (let number = 0; number < made.lineCount(); number += 1) {
      const end = { line: number, ch: made.getLine(number).length };
      const token = made.getTokenAt(end, true);
      made.setOption("queryType", token.state.queryType);
      if (token.state.OK !== false) continue;
      const sign = element("span", "!", "unread");
      sign.title = "The editor cannot read the query from here on.";
      made.setGutterMarker(number, "gutterErrorBar", sign);
      made.queryValid = false;
      return;
    }
  }

  const marked = [];

  function markLine(made, line) {
    const handle = made.getLineHandle(line - 1);
    if (!handle) return;
    made.addLineClass(handle, "background", "at-fault");
    marked.push(handle);
    made.scrollIntoView({ line: line - 1, ch: 0 }, 60);
    made.getInputField().setAttribute("aria-invalid", "true");
  }

  function unmark(made) {
    for (const handle of marked.splice(0)) made.removeLineClass(handle, "background", "at-fault");
    made.getInputField().removeAttribute("aria-invalid");
  }

  // What is typed is kept in this browser until it is asked ------------------------------------

  function keep(text) {
    try {
      localStorage.setItem(DRAFT, text);
    } catch {
      // No storage, or none left: nothing is kept.
    }
  }

  function kept() {
    try {
      return localStorage.getItem(DRAFT);
    } catch {
      return null;
    }
  }

  function restore() {
    const draft = kept();
    if ("asked" in area.dataset || !draft?.trim() || draft === area.value) return;
    editor.setValue(draft);
    editor.clearHistory();
    say("Your last query is here again.");
  }

  // Running ------------------------------------------------------------------------------------

  const say = (text) => (state.textContent = text);

  /** The address of what the form asks, shown as a page. */
  function address() {
    const asked = [...new FormData(form)].filter(([name, value]) => value && name !== "format");
    const [path] = form.getAttribute("action").split("#");
    return `${path}?${new URLSearchParams(asked)}`;
  }

  async function run() {
    running?.abort();
    const stop = (running = new AbortController());
    const began = performance.now();
    const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
    const clock = setInterval(() => (stopButton.textContent = `Stop (${Math.round(seconds())} s)`), 1000);
    busy(true);
    unmark(editor);
    say("Running…");
    try {
      const asked = address();
      const response = await ask(asked, "text/html", stop.signal);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      put(page.querySelector("section.answer"), response);
      if (response.ok) remember(asked);
      say(response.ok ? `Answered in ${seconds()} s.` : "");
    } catch (error) {
      if (running === stop) failed(error);
    } finally {
      clearInterval(clock);
      if (running === stop) busy(false);
    }
  }

  function busy(is) {
    if (!is) running = null;
    stopButton.hidden = !is;
    stopButton.textContent = "Stop";
    answer.setAttribute("aria-busy", String(is));
  }

  function failed(error) {
    if (error.name === "AbortError") return say("Stopped.");
    say("");
    return putRefusal("No connection", "The server cannot be reached.");
  }

  /** The address of what is shown, so that reloading, going back and sharing show it again. */
  function remember(asked) {
    const url = new URL(asked, location.href);
    if (url.href.length > coopgraph.LONGEST_ADDRESS || url.search === location.search) return;
    history.pushState({}, "", url);
    shownAt = location.search;
  }

  /** Mark a line, and lead to it. */
  function lineButton(line) {
    markLine(editor, line);
    const button = element("button", `Go to line ${line}`, "quiet-button");
    button.type = "button";
    button.addEventListener("click", () => {
      editor.focus();
      editor.setCursor({ line: line - 1, ch: 0 });
    });
    return button;
  }

  // The answer ---------------------------------------------------------------------------------

  /** Show the section of a page that the server made, be it an answer or a refusal. */
  function put(section, response) {
    if (!section) {
      // Something between here and the service has spoken in its stead.
      return putRefusal("No answer", `The server answered ${response.status} ${response.statusText}.`);
    }
    answer.replaceChildren(...document.importNode(section, true).childNodes);
    answer.hidden = false;
    const wait = Number(response.headers.get("Retry-After"));
    const refusal = answer.querySelector(".problem");
    if (refusal && wait) refusal.append(element("p", `Try again in ${wait} seconds.`));
    coopgraph.dress(answer);
    leadToLine();
  }

  /** A refusal that names a line leads to it. */
  function leadToLine() {
    const refusal = answer.querySelector(".problem[data-line]");
    if (refusal) refusal.append(lineButton(Number(refusal.dataset.line)));
  }

  function putRefusal(title, detail) {
    const box = element("div", "", "problem");
    box.setAttribute("role", "alert");
    box.append(element("h2", title), element("p", detail));
    answer.replaceChildren(box);
    answer.hidden = false;
  }

  // Examples -----------------------------------------------------------------------------------

  async function loadExample(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { text, shows } = event.currentTarget.dataset;
    const response = await ask(text, "application/sparql-query").catch(() => null);
    if (!response?.ok) return say("This example cannot be had just now.");
    const query = await response.text();
    editor.setValue(query);
    coopgraph.prefer({ map: "Map", chart: "Chart" }[shows] ?? "Table");
    examples.open = false;
    const [needed] = missing(query);
    const next = needed ? `Give ?${needed} a value in place of UNDEF.` : "Run it, or change it first.";
    say(`The example is in the editor. ${next}`);
    runButton.focus({ preventScroll: true });
    form.scrollIntoView({ block: "nearest" });
  }

  /** The parameters of a stored query that still need a value: its own first lines tell which. */
  function missing(query) {
    const required = query.matchAll(/^#\+ {2,}(\w+) \([^)]*\brequired\b/gm);
    const names = [...required].map(([, name]) => name);
    return names.filter((name) => query.includes(`VALUES ?${name} { UNDEF }`));
  }

  function find(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of examples.querySelectorAll("section")) {
      const items = [...section.querySelectorAll("li")];
      for (const item of items) {
        const text = `${section.querySelector("h2").textContent} ${item.textContent}`.toLowerCase();
        item.hidden = !wanted.every((word) => text.includes(word));
      }
      section.hidden = items.every((item) => item.hidden);
    }
  }

  // Links --------------------------------------------------------------------------------------

  async function copyLink() {
    const url = new URL(address(), location.href);
    if (url.href.length > coopgraph.LONGEST_ADDRESS) {
      return say("The query is too long for a link. Keep it as a file.");
    }
    try {
      await navigator.clipboard.writeText(url.href);
      return say("The link is copied.");
    } catch {
      history.replaceState({}, "", url);
      shownAt = location.search;
      return say("The link is in the address bar.");
    }
  }

  // --------------------------------------------------------------------------------------------

  const editor = makeEditor();
  restore();
  form.querySelector(".link").hidden = false;
  form.querySelector(".link").addEventListener("click", copyLink);
  document.getElementById("keys").hidden = false;
  stopButton.addEventListener("click", () => running?.abort());
  form.addEventListener("submit", (event) => {
    const asFile = form.elements.format.value !== "";
    form.method = address().length > coopgraph.LONGEST_ADDRESS ? "post" : "get";
    if (asFile) return;
    event.preventDefault();
    run();
  });
  for (const link of document.querySelectorAll("a.example")) {
    link.addEventListener("click", loadExample);
  }
  document.querySelector(".find").hidden = false;
  document.getElementById("find").addEventListener("input", ({ target }) => find(target.value));
  addEventListener("popstate", () => {
    if (location.search !== shownAt) location.reload();
  });
  leadToLine();
})();
