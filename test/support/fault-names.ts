/** Names that mean what a test wants, and a port whose connections are never taken. */
import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** What is known of a name: its addresses, or the code of an error. */
export type NameAnswer = readonly LookupAddress[] | string;

type Found = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;

/** Answers questions for names from here on, until the end of a `using` scope. */
export function answerNames(answer: (name: string) => NameAnswer): Disposable {
  const { lookup } = dns;
  const answering = (name: string, { all }: LookupOptions, found: Found): void => {
    const known = answer(name);
    setImmediate(() => {
      if (typeof known === 'string') {
        const details = { code: known, syscall: 'getaddrinfo', hostname: name };
        return found(Object.assign(new Error(`getaddrinfo ${known} ${name}`), details));
      }
      return all ? found(null, [...known]) : found(null, known[0]?.address, known[0]?.family);
    });
  };
  // Sockets look it up at each connection.
  Object.assign(dns, { lookup: answering });
  return { [Symbol.dispose]: () => void Object.assign(dns, { lookup }) };
}

const listenAndSleep = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

/** A connection on loopback is made at once, or is not going to be. Unit: ms. */
const patienceMs = 250;

function isConnected(socket: Socket): Promise<boolean> {
  const connected = new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)));
  return Promise.race([connected, sleep(patienceMs, false)]);
}

/** A port that is listened at by somebody who is asleep, and whose queue is full: whoever comes next is not answered at all. */
export async function fullListener(): Promise<AsyncDisposable & { readonly url: string }> {
  const worker = new Worker(listenAndSleep, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const waiting: Socket[] = [];
  let full = false;
  while (!full) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    waiting.push(socket);
    full = !(await isConnected(socket));
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy();
      await worker.terminate();
    },
  };
}
