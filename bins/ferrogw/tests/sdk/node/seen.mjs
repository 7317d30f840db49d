// What the scripts of this folder share: cases by name, and what a program that runs one would see.
//
// A script reads the names of cases from standard input, one a line, and answers each with one line
// of JSON: what was returned, the events in order, what was raised. An empty line is answered with
// all names. Its arguments are the root below which the API is, the key, and the folder whose
// `node_modules` holds the libraries.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

export const [root, apiKey, folder] = process.argv.slice(2);
const { resolve } = createRequire(`${folder}/`);

export const library = (name) => import(pathToFileURL(resolve(name)));

// Headers that a program may act on. Names alone where every request has a value of its own.
const VALUES = [
  'content-type',
  'retry-after',
  'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
  'openai-processing-ms',
  'openai-version',
  'retry-after-ms',
  'request-id',
  'anthropic-ratelimit-tokens-remaining',
  'anthropic-ratelimit-tokens-reset',
];
const NAMES = ['x-request-id'];

export function selected(headers) {
  const found = Object.fromEntries(VALUES.map((name) => [name, headers.get(name)]));
  for (const name of NAMES) found[name] = headers.has(name);
  return found;
}

function raised(error) {
  const seen = { class: error.constructor.name, message: error.message };
  for (const name of ['status', 'code', 'type', 'param', 'error']) seen[name] = error[name] ?? null;
  seen.has_request_id = Boolean(error.requestID);
  if (error.headers) seen.headers = selected(error.headers);
  return seen;
}

export async function main(cases) {
  for await (const line of createInterface({ input: process.stdin })) {
    const name = line.trim();
    if (!name) {
      console.log(JSON.stringify(Object.keys(cases)));
      continue;
    }
    const seen = { returned: [], events: [], raised: null };
    try {
      await cases[name](seen);
    } catch (error) {
      seen.raised = raised(error);
    }
    console.log(JSON.stringify(seen));
  }
}
