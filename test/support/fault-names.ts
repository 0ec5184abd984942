/** Host names that a test resolves, and a port whose connections are never accepted. */
import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** The result for a name: its addresses, or the code of an error. */
export type NameAnswer = readonly LookupAddress[] | string;

type Found = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;

/** Resolves names with these results until the end of a `using` scope. */
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
  // Sockets read this function at each connection.
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

/** A connection on loopback succeeds within this time, or never. Unit: ms. */
const patienceMs = 250;

function isConnected(socket: Socket): Promise<boolean> {
  const connected = new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)));
  return Promise.race([connected, sleep(patienceMs, false)]);
}

/** A port whose listener is stopped and whose queue is full: further connections get no reply. */
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
