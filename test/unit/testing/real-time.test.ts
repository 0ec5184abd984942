import * as timers from 'node:timers';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The process of a runtime with the given built-in modules, or with none. */
function withoutModules(given?: object): object {
  return Object.create(process, { getBuiltinModule: { value: () => given } });
}

test.each([
  ['the module of the runtime', []],
  ['setImmediate, if there is no such module', ['process']],
  ['messages, if there is no setImmediate', ['process', 'setImmediate']],
  ['timeouts, if there is neither', ['process', 'setImmediate', 'MessageChannel']],
])('A turn of the event loop uses %s.', async (_, missing) => {
  vi.resetModules();
  for (const name of missing) vi.stubGlobal(name, name === 'process' ? withoutModules() : undefined);
  const { nextTurn } = await import('../../../src/testing/real-time.ts');
  const order: string[] = [];
  const turn = (name: string) =>
    new Promise<void>((resolve) => {
      nextTurn(() => {
        order.push(name);
        resolve();
      });
    });
  const both = Promise.all([turn('first'), turn('second')]);
  await Promise.resolve().then(() => order.push('promise'));
  await both;
  expect(order).toEqual(['promise', 'first', 'second']);
});

function never(): never {
  throw new Error('a fake was used');
}

test('Fakes that were installed before the import are not used.', async () => {
  vi.resetModules();
  const fakes = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'];
  for (const name of fakes) vi.stubGlobal(name, never);
  vi.stubGlobal('performance', { now: never });
  const { afterRealTime, keepAlive, nextTurn, realNow } = await import('../../../src/testing/real-time.ts');
  await new Promise<void>((resolve) => nextTurn(resolve));
  const before = realNow();
  await new Promise<void>((resolve) => afterRealTime(resolve, 5));
  expect(realNow()).toBeGreaterThan(before);
  afterRealTime(never, 5)();
  keepAlive()();
});

test('Fakes of Vitest, which jest uses, too, are not used during a whole rental.', async () => {
  vi.resetModules();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'setImmediate', 'performance', 'Date'] });
  try {
    const { OctaClient } = await import('../../../src/index.ts');
    const { OctaSimulator } = await import('../../../src/testing/index.ts');
    const simulator = new OctaSimulator({ machines: [{ node_id: 1 }] });
    const client = new OctaClient({ apiKey: 'any', fetch: simulator.fetch });
    await (await client.services.mr.rent({ node_id: 1, disk_size: 10, image: 'ubuntu' })).stop();
    expect(simulator.sessions).toMatchObject([{ state: 'ended' }]);
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  ['Sinon', Object.assign(function setImmediate() {}, { clock: {} })],
  ["Node's test runner", never.bind(undefined)],
])('Fakes of %s in the module of the runtime are not used either.', async (_, fake) => {
  vi.resetModules();
  vi.stubGlobal('process', withoutModules({ setImmediate: fake, performance }));
  vi.stubGlobal('setImmediate', fake);
  const { nextTurn } = await import('../../../src/testing/real-time.ts');
  await new Promise<void>((resolve) => nextTurn(resolve));
});

test('Messages keep the process alive only while a callback waits for one.', async () => {
  vi.resetModules();
  vi.stubGlobal('process', withoutModules());
  vi.stubGlobal('setImmediate', undefined);
  const kept: string[] = [];
  class Channel extends MessageChannel {
    constructor() {
      super();
      for (const name of ['ref', 'unref']) {
        const real: unknown = Reflect.get(this.port1, name);
        const noted = () => {
          kept.push(name);
          return typeof real === 'function' ? real.call(this.port1) : undefined;
        };
        Object.defineProperty(this.port1, name, { value: noted });
      }
    }
  }
  vi.stubGlobal('MessageChannel', Channel);
  const { nextTurn } = await import('../../../src/testing/real-time.ts');
  const turn = () => new Promise<void>((resolve) => nextTurn(resolve));
  await Promise.all([turn(), turn()]);
  await turn();
  expect(kept.slice(-4)).toEqual(['ref', 'unref', 'ref', 'unref']);
});

test.each([
  ['headers', 'abort'],
  ['body', 'abort'],
  ['headers', 'reset'],
] as const)('A request whose %s stall keeps the process alive, like a connection, until %s.', async (stall, end) => {
  vi.resetModules();
  const kept = new Set<unknown>();
  const setInterval = (...given: Parameters<typeof timers.setInterval>) => {
    const timer = timers.setInterval(...given);
    kept.add(timer);
    return timer;
  };
  const clearInterval = (timer: NodeJS.Timeout) => {
    kept.delete(timer);
    timers.clearInterval(timer);
  };
  vi.stubGlobal('process', withoutModules({ ...timers, setInterval, clearInterval, performance }));
  const { OctaSimulator } = await import('../../../src/testing/index.ts');
  const simulator = new OctaSimulator();
  simulator.fail('*', { stall });
  const controller = new AbortController();
  const init = { signal: controller.signal };
  const read = simulator.fetch('https://api.test/network', init).then((response) => response.text());
  const failed = expect(read).rejects.toThrow();
  await simulator.advance(100);
  expect(kept.size).toBe(1);
  if (end === 'abort') controller.abort();
  else simulator.reset();
  await failed;
  expect(kept.size).toBe(0);
});
