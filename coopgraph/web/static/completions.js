// What the editor of /sparql completes: classes and properties that this graph holds, prefixes of
// this service, variables of the query.
//
// In: two stored queries, each answering with an IRI, a label and a count in a row. Out: completers
// of Yasqe in place of its own, which ask services elsewhere.
"use strict";

(() => {
  const { ask, element } = coopgraph;
  const MOST_HINTS = 60;
  const RETRY_MS = 30_000;
  let prefixes = {};

  /** Names of one kind that the graph holds, the most used first; asked for once. */
  function vocabulary(address) {
    let names = null;
    const fetched = () =>
      ask(address, "application/sparql-results+json")
        .then((response) => (response.ok ? response.json() : Promise.reject(response)))
        .then(({ head, results }) => results.bindings.map((row) => name(head.vars, row)))
        .then((found) => found.filter((one) => one.iri).sort((a, b) => b.count - a.count))
        .catch(() => {
          setTimeout(() => (names = null), RETRY_MS);
          return [];
        });
    return () => (names ??= fetched());
  }

  /** A row of an answer as a name: its first IRI, its first text, its first number. */
  function name(columns, row) {
    const cells = columns.map((column) => row[column]).filter(Boolean);
    const isNumber = (cell) => /#(integer|decimal|double)$/.test(cell.datatype ?? "");
    const value = (fits) => cells.find(fits)?.value ?? "";
    return {
      iri: value((cell) => cell.type === "uri"),
      label: value((cell) => cell.type === "literal" && !isNumber(cell)),
      count: Number(value(isNumber)),
    };
  }

  /** Names that begin as what is typed does, or have a word in their label that does. */
  function matching(names, token) {
    const typed = token.string.trim().replace(/^</, "").toLowerCase();
    const stem = token.tokenPrefixUri ?? "";
    const local = stem ? typed.slice(token.tokenPrefix.length) : typed;
    const begins = ({ iri, label }) =>
      iri.startsWith(stem) &&
      [iri.slice(stem.length), iri.split(/[#/]/).pop(), ...label.split(/[\s-]/)].some((word) =>
        word.toLowerCase().startsWith(local),
      );
    return names.filter(begins).slice(0, MOST_HINTS);
  }

  /** An IRI as the query would write it: by its own prefixes first, then by this service's. */
  function written(editor, iri) {
    const known = { ...prefixes, ...editor.getPrefixesFromQuery() };
    const fits = Object.entries(known).filter(([, stem]) => iri.startsWith(stem));
    const [prefix, stem] = fits.sort((a, b) => b[1].length - a[1].length)[0] ?? [];
    const local = stem ? iri.slice(stem.length) : "";
    return /^[\w-]+$/.test(local) ? `${prefix}:${local}` : `<${iri}>`;
  }

  function completeFrom(kind, address) {
    const names = vocabulary(address);
    const labels = new Map();
    Yasqe.forkAutocompleter(kind, {
      name: `our-${kind}`,
      autoShow: false,
      get: (editor, token) => names().then((found) => remember(matching(found, token))),
      postProcessSuggestion: (editor, token, iri) => {
        const text = written(editor, iri);
        labels.set(text, labels.get(iri));
        return text;
      },
      postprocessHints: (editor, hints) =>
        hints.map((hint) => ({ ...hint, render: (item) => drawHint(item, hint.text, labels) })),
    });
    const remember = (found) => {
      for (const one of found) labels.set(one.iri, one);
      return found.map((one) => one.iri);
    };
    return names;
  }

  function drawHint(item, text, labels) {
    const { label = "", count = 0 } = labels.get(text) ?? {};
    item.append(element("span", text));
    item.append(element("span", count ? `${label} ${count.toLocaleString("en")}` : label, "about"));
  }

  /** Set Yasqe to complete from these names; what loads them before they are needed. */
  function completers({ classes, properties, prefixes: ours }) {
    prefixes = ours;
    const all = [completeFrom("class", classes), completeFrom("property", properties)];
    const declarations = Object.entries(prefixes).map(([prefix, stem]) => `${prefix}: <${stem}>`);
    Yasqe.forkAutocompleter("prefixes", {
      name: "our-prefixes",
      autoShow: false,
      persistenceId: null,
      get: () => declarations,
    });
    Yasqe.forkAutocompleter("variables", { name: "our-variables", autoShow: false });
    Yasqe.defaults.autocompleters = ["our-variables", "our-prefixes", "our-property", "our-class"];
    return all;
  }

  Object.assign(coopgraph, { completers });
})();
