/** Callers' code within calls of the SDK: time stands still while it runs. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type LeaseLedger, OctaClient, type OctaClientOptions } from '../../../src/index.ts';
import { memoryLedger, type OctaSimulator } from '../../../src/testing/index.ts';
import { aTurn } from '../../support/transport.ts';
import { aWorld, rental, smallWorld } from './ask.ts';

function realWork(ms = 15): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A client, and a rental that waits on the clock for ten minutes. Returns how much time passed during the client's request. */
async function askBeside(make: (simulator: OctaSimulator) => OctaClientOptions): Promise<number> {
  const { simulator, client } = aWorld({ ...smallWorld, latencyMs: 20, readyAfterMs: 600_000 });
  const renting = client.services.mr.rent(rental(1), { readyTimeoutMs: 3_600_000 });
  for (let turn = 0; turn < 50; turn++) await aTurn();
  const options = {
    apiKey: 'any',
    fetch: simulator.fetch,
    logLevel: 'silent',
    retries: 0,
    ...make(simulator),
  } as const;
  const before = simulator.now;
  await new OctaClient(options).accounts.balance();
  const passed = simulator.now - before;
  await (await renting).stop();
  return passed;
}

describe('time waits for', () => {
  test('an asynchronous API key', async () => {
    const apiKey = async () => {
      await realWork();
      return 'from-the-vault';
    };
    expect(await askBeside(() => ({ apiKey }))).toBeLessThan(5000);
  });

  test('a hook before the request', async () => {
    expect(await askBeside(() => ({ onRequest: () => realWork() }))).toBeLessThan(5000);
  });

  test('a ledger that works in real time', async () => {
    const { simulator, client } = aWorld({ ...smallWorld, latencyMs: 20, readyAfterMs: 600_000 });
    const renting = client.services.mr.rent(rental(1), { readyTimeoutMs: 3_600_000 });
    for (let turn = 0; turn < 50; turn++) await aTurn();
    const store = memoryLedger();
    const slowly = async <Result>(work: () => Promise<Result>) => {
      await realWork(10);
      return await work();
    };
    const ledger: LeaseLedger = {
      put: (record) => slowly(() => store.put(record)),
      claim: (...claim) => slowly(() => store.claim(...claim)),
      delete: (id) => slowly(() => store.delete(id)),
      list: () => slowly(() => store.list()),
    };
    const before = simulator.now;
    const other = new OctaClient({ apiKey: 'any', fetch: simulator.fetch, logLevel: 'silent', ledger });
    const session = await other.services.mr.start(rental(2));
    expect(await other.leases.list()).toMatchObject([{ uuid: session.uuid }]);
    expect(simulator.now - before).toBeLessThan(5000);
    await session.stop({ verify: true });
    await other.close();
    expect((await store.list()).filter((record) => 'leaseId' in record)).toEqual([]);
    await (await renting).stop();
  });

  test('nothing if the hook returns nothing', async () => {
    expect(await askBeside(() => ({ onRequest: () => undefined }))).toBeLessThan(5000);
  });
});

describe('time moves on for', () => {
  test('a hook that waits on the clock, makes its own calls, or advances the clock', async () => {
    const begun = performance.now();
    const { simulator, client } = aWorld({ ...smallWorld, latencyMs: 20 });
    const other = new OctaClient({
      apiKey: 'any',
      fetch: simulator.fetch,
      logLevel: 'silent',
      retryDelayMs: 5000,
      onRequest: async () => {
        await Promise.resolve();
      },
    });
    simulator.fail('getBalance', { status: 503 });
    let asked = 0;
    const onRequest = async () => {
      asked++;
      if (asked === 1) await other.accounts.balance();
      if (asked === 2) await new Promise<void>((resolve) => void simulator.clock.setTimer(resolve, 5000, 'wait'));
      if (asked === 3) await simulator.advance(5000);
    };
    const hooked = new OctaClient({ apiKey: 'any', fetch: simulator.fetch, logLevel: 'silent', onRequest });
    const waiting = client.services.mr.rent(rental(1), { readyTimeoutMs: 3_600_000 });
    for (let time = 0; time < 3; time++) await hooked.network.get();
    await (await waiting).stop();
    expect(asked).toBe(3);
    expect(performance.now() - begun).toBeLessThan(900);
  });

  test('a response that the hook waits for, because only one call may be in progress', async () => {
    const begun = performance.now();
    const { simulator } = aWorld({ ...smallWorld, latencyMs: 20 });
    let last: Promise<void> = Promise.resolve();
    let free: () => void = () => undefined;
    const client = new OctaClient({
      apiKey: 'any',
      fetch: simulator.fetch,
      onRequest: async () => {
        const before = last;
        let done: () => void = () => undefined;
        last = new Promise((resolve) => {
          done = resolve;
        });
        await before;
        free = done;
      },
      onResponse: () => free(),
    });
    await Promise.all([client.network.get(), client.network.get(), client.network.get()]);
    const times = simulator.requests.map(({ at }) => at - (simulator.requests[0]?.at ?? 0));
    expect(times).toEqual([0, 20, 40]);
    expect(performance.now() - begun).toBeLessThan(900);
  });

  test('code that waits, one second after a hook that never ends has begun', async () => {
    const { simulator, client } = aWorld(smallWorld);
    const hanging = new OctaClient({
      apiKey: 'any',
      fetch: simulator.fetch,
      totalTimeoutMs: 3000,
      onRequest: () => new Promise(() => undefined),
    });
    const failed = expect(hanging.network.get()).rejects.toThrow('3000 ms');
    await (await client.services.mr.rent(rental(1))).stop();
    await failed;
  });
});

describe('on a runtime that cannot tell whose code runs', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  test('time still waits for it', async () => {
    vi.stubGlobal('process', Object.create(process, { getBuiltinModule: { value: () => undefined } }));
    vi.resetModules();
    const { VirtualClock } = await import('../../../src/testing/virtual-clock.ts');
    const clock = new VirtualClock(0);
    const order: string[] = [];
    clock.setTimer(() => order.push('wait'), 10, 'wait');
    await clock.hold(async () => {
      await realWork();
      order.push('work');
    });
    await new Promise<void>((resolve) => void clock.setTimer(resolve, 20, 'wait'));
    expect(order).toEqual(['work', 'wait']);
  });
});
