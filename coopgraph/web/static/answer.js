// Make the answer to a query, as the server wrote it, easier to look at.
//
// In: each section of class "answer", whose parts with a "data-view" show the same in several ways.
// Out: a tab for each way; a table that can be put in order; downloads that work for queries of any
// length. It needs map.js before it.
"use strict";

(() => {
  const { element } = coopgraph;
  let wantedView = "Table";

  /** Tabs, sorting and maps, for an answer that the server made. */
  function dress(answer) {
    makeTabs([...answer.querySelectorAll("[data-view]")]);
    const table = answer.querySelector(".scroll:not([data-cut]) > table");
    if (table) makeSortable(table);
    for (const link of answer.querySelectorAll(".downloads a")) {
      if (link.href.length > coopgraph.LONGEST_ADDRESS) link.addEventListener("click", postInstead);
    }
    coopgraph.watch(answer);
  }

  function makeTabs(panels) {
    if (panels.length < 2) return;
    const list = element("div", "", "tabs");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Show the answer as");
    const tabs = panels.map((panel) => {
      const tab = element("button", panel.dataset.view);
      tab.type = "button";
      tab.id = `tab-${panel.dataset.view}`;
      panel.id = `view-${panel.dataset.view}`;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      return tab;
    });
    const choose = (chosen) => {
      tabs.forEach((tab, number) => {
        tab.setAttribute("aria-selected", String(tab === chosen));
        tab.tabIndex = tab === chosen ? 0 : -1;
        panels[number].hidden = tab !== chosen;
      });
    };
    list.addEventListener("click", ({ target }) => {
      if (!tabs.includes(target)) return;
      wantedView = target.textContent;
      choose(target);
    });
    list.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = tabs.at((tabs.indexOf(document.activeElement) + step) % tabs.length);
      next.focus();
      next.click();
    });
    list.append(...tabs);
    panels[0].before(list);
    choose(tabs.find((tab) => tab.textContent === wantedView) ?? tabs[0]);
  }

  /** A whole table can be put in order by any column; one that was cut could mislead. */
  function makeSortable(table) {
    const text = (row, column) => row.cells[column].textContent.trim();
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const compare = head.classList.contains("number") ? compareNumbers : order.compare;
      const button = element("button", head.textContent, "sort");
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const sign = down ? -1 : 1;
        const rows = [...table.tBodies[0].rows].sort(
          (a, b) => sign * compare(text(a, column), text(b, column)),
        );
        table.tBodies[0].append(...rows);
      });
    });
  }

  const order = new Intl.Collator("en", { numeric: true });

  /** By size, as XSD writes numbers, with commas between thousands; before them what is none. */
  function compareNumbers(one, other) {
    const [a, b] = [one, other].map((text) => {
      const number = parseFloat(text.replaceAll(",", "").replace("INF", "Infinity"));
      return isNaN(number) ? -Infinity : number;
    });
    return (a > b) - (a < b);
  }

  /** Follow a link whose address is too long for a request line: as a form. */
  function postInstead(event) {
    event.preventDefault();
    const url = new URL(event.currentTarget.href);
    const sent = Object.assign(element("form"), { method: "post", action: url.pathname });
    for (const [key, value] of url.searchParams) {
      sent.append(Object.assign(element("input"), { type: "hidden", name: key, value }));
    }
    document.body.append(sent);
    sent.submit();
    sent.remove();
  }

  /** Which view is shown first, where there is one of that name. */
  function prefer(view) {
    wantedView = view;
  }

  Object.assign(coopgraph, { dress, prefer });
  document.querySelectorAll("section.answer").forEach(dress);
})();
