/** Sends requests to one Worker, in sequence and at once. No request may wait for the work of another one. */
import type { TestResult } from '../../test/runtimes/suite/types.ts';

/** How long one request may take. Unit: ms. */
const answeredWithinMs = 10_000;

/** A title, and the requests in order: each with its path and its response. */
type Case = readonly [title: string, ...requests: (readonly [act: string, answer: unknown])[]];

const list = ['list', 'listed'] as const;

const cases: readonly Case[] = [
  [
    'A simulator that is created with the module responds to requests in sequence.',
    list,
    list,
    ['many', 20],
    ['timeout', true],
    list,
  ],
  ['A request can stop the session of another request.', ['rent', 1], list, ['stop', 0]],
  [
    'Calls of a request that has ended do not delay other requests.',
    ['leave-calls', 'left'],
    list,
    ['rent', 1],
    ['stop', 0],
  ],
  [
    'An unfinished advance of the time does not delay them either.',
    ['leave-advance', 'left'],
    list,
    ['advance', 61_000],
    list,
  ],
  ['An unfinished hook does not delay them either.', ['leave-hook', 'left'], list, ['rent', 1], ['stop', 0]],
  [
    'A missing response does not delay them either.',
    ['leave-stall', 'left'],
    list,
    ['timeout', true],
    ['advance', 61_000],
  ],
  ['An unfinished stop does not delay them either.', ['rent', 1], ['leave-stop', 'left'], list, ['stop', 0]],
  ['Closing a client does not wait for other requests.', ['leave-calls', 'left'], ['close', 'closed']],
];

async function askFor(url: string, act: string): Promise<unknown> {
  const response = await fetch(`${url}/${act}`, { signal: AbortSignal.timeout(answeredWithinMs) });
  const text = await response.text();
  return response.ok ? JSON.parse(text) : `${response.status} ${text}`;
}

async function failureOf(
  url: string,
  requests: readonly (readonly [act: string, answer: unknown])[],
): Promise<string | undefined> {
  for (const [act, wanted] of requests) {
    const got = await askFor(url, act).catch(String);
    if (got !== wanted) return `${act}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`;
  }
  return undefined;
}

async function resultOf(title: string, work: () => Promise<string | undefined>): Promise<TestResult> {
  const begun = performance.now();
  const failure = await work();
  return { title, ms: Math.round(performance.now() - begun), ...(failure === undefined ? {} : { failure }) };
}

/** Sends the requests of every case to a Worker. */
export async function runRequests(url: string): Promise<TestResult[]> {
  const results: TestResult[] = [];
  const atOnce = async () => {
    const lists = Array.from({ length: 20 }, () => failureOf(url, [list, list]));
    return (await Promise.all(lists)).find((each) => each !== undefined);
  };
  results.push(
    await resultOf('A simulator that is created with the module responds to many requests at once.', atOnce),
  );
  for (const [title, ...requests] of cases) results.push(await resultOf(title, () => failureOf(url, requests)));
  return results;
}
