/** Requests to one Worker, one after the other and at once: none may wait for what another one has begun. */
import type { TestResult } from '../../test/runtimes/suite/types.ts';

/** How long one request may take. Unit: ms. */
const answeredWithinMs = 10_000;

/** A title, and the requests in order: what is asked for, and the answer. */
type Case = readonly [title: string, ...requests: (readonly [act: string, answer: unknown])[]];

const list = ['list', 'listed'] as const;

const cases: readonly Case[] = [
  ['A simulator of a module answers one request after the other.', list, list, ['many', 20], ['timeout', true], list],
  ['A session that one request rents is stopped by another one.', ['rent', 1], list, ['stop', 0]],
  [
    'Calls that a request has left behind hold up no other one.',
    ['leave-calls', 'left'],
    list,
    ['rent', 1],
    ['stop', 0],
  ],
  ['Nor does time that it was advancing.', ['leave-advance', 'left'], list, ['advance', 61_000], list],
  ['Nor does a hook.', ['leave-hook', 'left'], list, ['rent', 1], ['stop', 0]],
  ['Nor does an answer that never comes.', ['leave-stall', 'left'], list, ['timeout', true], ['advance', 61_000]],
  ['Nor does a stop that it did not wait for.', ['rent', 1], ['leave-stop', 'left'], list, ['stop', 0]],
  ['Closing a client waits for no other request.', ['leave-calls', 'left'], ['close', 'closed']],
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
  results.push(await resultOf('A simulator of a module answers many requests at once.', atOnce));
  for (const [title, ...requests] of cases) results.push(await resultOf(title, () => failureOf(url, requests)));
  return results;
}
