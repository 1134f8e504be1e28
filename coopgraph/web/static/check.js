// /check without leaving the page: drop a file, change what a column holds, take the outcome.
//
// In: the form as the server made it. The file stays in the form; each change sends it again, and
// what the server answers takes the place of what was shown. Nothing is kept in the browser.
"use strict";

(() => {
  const form = document.getElementById("check");
  if (!form) return;
  const file = form.elements.file;
  const drop = form.querySelector(".drop");
  const result = document.getElementById("result");
  const state = document.getElementById("state");
  const stopButton = form.querySelector(".stop");
  const PAUSE_MS = 600;
  let running = null;
  let pausing = 0;

  const say = (text) => (state.textContent = text);

  // Sending ------------------------------------------------------------------------------------

  /** Send the form, or say why not. Gives the answer, or null where there is none to show. */
  async function send(format) {
    clearTimeout(pausing);
    running?.abort();
    const stop = (running = new AbortController());
    const began = performance.now();
    const seconds = () => Math.round((performance.now() - began) / 1000);
    busy(true);
    say("Checking…");
    const clock = setInterval(() => say(`Checking… ${seconds()} s`), 5000);
    try {
      const body = new FormData(form);
      body.set("format", format);
      const response = await fetch(form.getAttribute("action").split("#")[0], {
        method: "POST",
        body,
        headers: { Accept: "text/html" },
        signal: stop.signal,
      });
      return { response, body: await response.blob() };
    } catch (error) {
      if (running === stop) failed(error);
      return null;
    } finally {
      clearInterval(clock);
      if (running === stop) busy(false);
    }
  }

  function busy(is) {
    if (!is) running = null;
    stopButton.hidden = !is;
    result.setAttribute("aria-busy", String(is));
  }

  function failed(error) {
    if (error.name === "AbortError") return say("Stopped.");
    say("");
    return putProblem(
      "No answer",
      "The server cannot be reached, or the file has changed since it was chosen: choose it again.",
    );
  }

  /** Whether there is a file to send that the server would take. */
  function isReady() {
    const [chosen] = file.files;
    if (!chosen) return form.reportValidity();
    const most = Number(form.dataset.mostBytes);
    if (chosen.size <= most) return true;
    say("");
    putProblem(
      "The file is too much for this service",
      `It has ${(chosen.size / 2 ** 20).toFixed(1)} MB, and at most ${most / 2 ** 20} MB are taken. ` +
        "Take a part of it, or check it at home: coopgraph check.",
    );
    return false;
  }

  async function check() {
    if (!isReady()) return;
    const answer = await send("page");
    if (!answer) return;
    const page = new DOMParser().parseFromString(await answer.body.text(), "text/html");
    const found = page.getElementById("result");
    if (!found?.childElementCount) return putUnknown(answer.response);
    const problem = found.querySelector(".problem");
    if (problem) return putAlert(document.importNode(problem, true), answer.response);
    put(found);
    say(`Checked: ${result.querySelector("#verdict-heading").textContent.trim()}.`);
  }

  async function download(format) {
    if (!isReady()) return;
    const answer = await send(format);
    if (!answer) return;
    const { response, body } = answer;
    if (!response.ok) {
      const page = new DOMParser().parseFromString(await body.text(), "text/html");
      const problem = page.querySelector("#result .problem");
      if (problem) putAlert(document.importNode(problem, true), response);
      else putUnknown(response);
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(body);
    link.download = nameOf(response) ?? `${file.files[0].name}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`Ready: ${link.download}.`);
  }

  function nameOf(response) {
    const header = response.headers.get("Content-Disposition") ?? "";
    const [, encoded] = header.match(/filename\*=UTF-8''([^;]+)/i) ?? [];
    const [, plain] = header.match(/filename="?([^";]+)"?/) ?? [];
    return encoded ? decodeURIComponent(encoded) : plain;
  }

  // Showing ------------------------------------------------------------------------------------

  /** Show what was found. Drop-downs of the same columns stay, with the focus that one may have. */
  function put(found) {
    const mine = columns(result);
    const theirs = columns(found);
    const isSame = mine.length && mine.map(named).join("\0") === theirs.map(named).join("\0");
    const kept = isSame ? result.querySelector("#columns") : null;
    if (isSame) mine.forEach((item, place) => renew(item, theirs[place]));
    const sections = [...document.importNode(found, true).childNodes];
    if (!kept) {
      result.replaceChildren(...sections);
    } else {
      for (const old of [...result.childNodes]) if (old !== kept) old.remove();
      const place = sections.findIndex((node) => node.id === "columns");
      kept.before(...sections.slice(0, place));
      kept.after(...sections.slice(place + 1));
    }
    dress();
  }

  const columns = (within) => [...within.querySelectorAll(".choices li")];
  const named = (item) => item.querySelector("input").value;

  /** Take over what the server says of a column, unless it is being changed again. */
  function renew(item, other) {
    item.querySelector(".why").replaceChildren(...document.importNode(other, true).querySelector(".why").childNodes);
    const [select, wanted] = [item, other].map((one) => one.querySelector("select"));
    if (select.value === wanted.value) return;
    if (![...select.options].some((option) => option.value === wanted.value)) {
      select.replaceChildren(...document.importNode(wanted, true).childNodes);
    }
    select.value = wanted.value;
  }

  /** With the file at hand, nobody needs to choose it again. */
  function dress() {
    for (const note of form.querySelectorAll(".again")) note.hidden = true;
  }

  function putAlert(problem, response) {
    result.querySelector(":scope > .problem")?.remove();
    const wait = Number(response.headers.get("Retry-After"));
    if (wait) problem.append(element("p", `Try again in ${wait} seconds.`));
    result.prepend(problem);
    say("");
  }

  function putProblem(title, detail) {
    result.querySelector(":scope > .problem")?.remove();
    const box = element("div", "");
    box.className = "problem";
    box.setAttribute("role", "alert");
    box.append(element("h2", title), element("p", detail));
    result.prepend(box);
  }

  function putUnknown(response) {
    say("");
    // Something between here and the service has spoken in its stead.
    putProblem("No answer", `The server answered ${response.status} ${response.statusText}.`);
  }

  function element(name, text) {
    return Object.assign(document.createElement(name), { textContent: text });
  }

  // --------------------------------------------------------------------------------------------

  /** Another file: what was chosen for the one before does not count. */
  function begin() {
    result.replaceChildren();
    if (file.files.length) check();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { submitter } = event;
    const format = submitter?.name === "format" ? submitter.value : "";
    if (format) download(format);
    else check();
  });
  form.addEventListener("change", ({ target }) => {
    if (target === file) begin();
    // Of another sheet, or as rows of another kind, the columns are others.
    if (["sheet", "entity"].includes(target.name)) result.querySelector("#columns")?.remove();
    if (target.name !== "target") return;
    clearTimeout(pausing);
    say("");
    pausing = setTimeout(check, PAUSE_MS); // whoever goes through the options by keys gets time
  });
  stopButton.addEventListener("click", () => running?.abort());

  // Dropped anywhere on the page, a file is taken, and never opened in its stead.
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) drop.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    drop.classList.remove("over");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    file.files = event.dataTransfer.files;
    begin();
  });

  form.querySelector(".tip").hidden = false;
  form.querySelector("label[for='format']").hidden = true;
  document.getElementById("format").hidden = true;
  // After going back, the browser may have kept the file and not what was found.
  if (file.files.length && !result.childElementCount) check();
})();
