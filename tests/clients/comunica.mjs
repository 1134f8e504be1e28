// Comunica, asked line by line: it takes seconds to load, and milliseconds to answer.
//
// In: on each line a JSON object with a `query` and the `sources` it is asked of, as Comunica takes
// them. Out: on each line a JSON object with the answer as `text`, or else the `error`; and with the
// `requests` that this process made meanwhile, to whatever address.

import { subscribe } from 'node:diagnostics_channel';
import { createInterface } from 'node:readline';
import { QueryEngine } from '@comunica/query-sparql';

// Comunica adds a member to tables in JSON, which strict readers refuse, and has no XML of an ASK.
const forms = {
  bindings: 'application/sparql-results+xml',
  boolean: 'application/sparql-results+json',
  quads: 'application/n-quads',
};
const requests = [];

subscribe('undici:request:create', ({ request }) => {
  requests.push({ method: request.method, url: `${request.origin}${request.path}` });
});
subscribe('http.client.request.start', ({ request }) => {
  requests.push({
    method: request.method,
    url: `${request.protocol}//${request.getHeader('host')}${request.path}`,
  });
});

async function answer({ query, sources }) {
  const engine = new QueryEngine(); // a new one remembers nothing of sources asked before
  const result = await engine.query(query, { sources });
  const { data } = await engine.resultToString(result, forms[result.resultType]);
  let text = '';
  for await (const part of data) text += part;
  return { text };
}

for await (const line of createInterface({ input: process.stdin })) {
  requests.length = 0;
  const found = await answer(JSON.parse(line)).catch(error => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify({ ...found, requests })}\n`);
}
