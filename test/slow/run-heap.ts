/** Makes many calls of one kind, and prints the heap size meanwhile. A separate process, so that it has its own heap. */
import { setImmediate as turn } from 'node:timers/promises';
import { OctaClient, type OctaClientOptions } from '../../src/index.ts';
import { nodeFetch } from '../../src/node/index.ts';

/** The input from the test. */
export interface Run {
  readonly kind: Kind;
  readonly transport: 'fetch' | 'nodeFetch';
  readonly url: string;
  /** After how many calls the heap is measured. */
  readonly marks: readonly number[];
}

/** The line of output before the last one, which is null. */
export interface Said {
  /** Heap size at each mark. Unit: bytes. */
  readonly heaps: readonly number[];
  /** Calls that ended as their kind should. Unit: count. */
  readonly asExpected: number;
}

const atOnce = 16;
/** Unread responses hold their connections until the next garbage collection. Unit: calls. */
const collectEvery = 64;
const hook = (): void => undefined;
const hooks = { onRequest: () => hook, onResponse: hook, onRetry: hook, onDrift: hook } satisfies OctaClientOptions;

type Call = (client: OctaClient, nth: number) => PromiseLike<unknown>;

async function isRejected(work: PromiseLike<unknown>, name: string): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  if ((error as Error | undefined)?.name !== name) throw new Error(`not ${name}`);
}

function aborted(client: OctaClient): PromiseLike<unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  const call = client.services.mr.available({ signal }).then();
  setTimeout(() => controller.abort(), 1);
  return isRejected(call, 'OctaAbortError');
}

const shared = new AbortController();

const calls = {
  read: (client) => client.accounts.balance(),
  'read with one signal for all': (client) => client.accounts.balance({ signal: shared.signal }),
  'read withResponse()': (client) => client.accounts.balance().withResponse(),
  'read by path': (client) => client.api.GET('/accounts/balance'),
  stop: (client, nth) => client.services.session(`u-${nth}`).stop(),
  'refused read': (client) => isRejected(client.apps.list(), 'OctaNotFoundError'),
  'aborted read': aborted,
  'asResponse() that is read': async (client, nth) => (await client.nodes.downloadLogs(nth).asResponse()).text(),
  'asResponse() that is cancelled': async (client, nth) =>
    (await client.nodes.downloadLogs(nth, { signal: shared.signal }).asResponse()).body?.cancel(),
  'asResponse() that is dropped': (client, nth) =>
    client.nodes.downloadLogs(nth, { signal: shared.signal }).asResponse(),
} satisfies Record<string, Call>;

/** One way to make a call. */
export type Kind = keyof typeof calls;

/** All ways. */
export const kinds = Object.keys(calls) as Kind[];

async function heapUsed(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    await turn();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

async function main({ kind, transport, url, marks }: Run): Promise<void> {
  const fetch = transport === 'nodeFetch' ? nodeFetch({ poolSize: atOnce }) : undefined;
  const client = new OctaClient({ apiKey: 'octa-test-key-0001', baseUrl: url, logLevel: 'silent', fetch, ...hooks });
  const call: Call = calls[kind];
  const collects = kind === 'asResponse() that is dropped';
  const heaps: number[] = [];
  let begun = 0;
  let asExpected = 0;
  for (const mark of marks) {
    const work = async () => {
      while (begun < mark) {
        const nth = begun++;
        if (collects && nth % collectEvery === 0) globalThis.gc?.();
        await call(client, nth);
        asExpected++;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    heaps.push(await heapUsed());
  }
  await client.close();
  process.stdout.write(`${JSON.stringify({ heaps, asExpected } satisfies Said)}\nnull\n`);
}

// Set by the test, which also imports the code above.
if (process.argv[2]?.startsWith('{')) main(JSON.parse(process.argv[2]) as Run);
