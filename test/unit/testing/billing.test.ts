import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OctaProvisionRejectedError } from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { ask, aWorld, rental, smallWorld } from './ask.ts';

function item(node_id: number): object {
  return { id: 0, ...rental(node_id) };
}

describe('charges', () => {
  test('A session is charged by the whole second from its start, rounded down to the Wei.', async () => {
    const priceWeiPerHour = 31_428_028_938_060_847_852n;
    const { simulator, client } = aWorld({
      latencyMs: 0,
      balanceWei: 10n ** 24n,
      machines: [{ node_id: 7, priceWeiPerHour }],
    });
    const session = await client.services.mr.start(rental(7));
    expect(simulator.spent).toBe(0n);
    await simulator.advance(999);
    expect(simulator.spent).toBe(0n);
    await simulator.advance(1);
    expect(simulator.spent).toBe(priceWeiPerHour / 3600n);
    await simulator.advance(3_599_000);
    expect((await session.info()).charge_amount).toBe(priceWeiPerHour);
    expect((await client.accounts.balance()).balance).toBe(10n ** 24n - priceWeiPerHour);
    await session.stop();
    await simulator.advance(10_000_000);
    expect([simulator.spent, simulator.balance]).toEqual([priceWeiPerHour, 10n ** 24n - priceWeiPerHour]);
  });

  test('The initial balance has all of its digits, and is above 2^64.', () => {
    const { balance } = new OctaSimulator();
    expect(balance > 2n ** 64n).toBe(true);
    expect(balance % 1_000_000n).not.toBe(0n);
    expect(balance).toBe(new OctaSimulator().balance);
  });

  test('Random starts, stops, deposits and hours are fully accounted for.', async () => {
    const node = fc.constantFrom(1, 2);
    const act = fc.oneof(
      fc.record({ act: fc.constant('start' as const), node }),
      fc.record({ act: fc.constant('stop' as const), node }),
      fc.record({ act: fc.constant('die' as const), node }),
      fc.record({ act: fc.constant('deposit' as const), wei: fc.bigInt({ min: 0n, max: 50_000n }) }),
      fc.record({ act: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 4_000_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: 0n, max: 60_000n }),
        fc.array(act, { maxLength: 25 }),
        async (balanceWei, acts) => {
          const simulator = new OctaSimulator({ ...smallWorld, balanceWei });
          let funds = balanceWei;
          for (const each of acts) {
            if (each.act === 'start') await ask(simulator, 'POST /services/mr', { body: [item(each.node)] });
            else if (each.act === 'advance') await simulator.advance(each.ms);
            else if (each.act === 'die') {
              simulator.machine(each.node).die();
              simulator.machine(each.node).revive();
            } else if (each.act === 'deposit') {
              simulator.deposit(each.wei);
              funds += each.wei;
            } else {
              const uuid = simulator.machine(each.node).session;
              if (uuid !== undefined) await ask(simulator, `POST /services/${uuid}/stop`);
            }
            const { balance, spent, sessions } = simulator;
            const charges = sessions.reduce((sum, { chargeWei }) => sum + chargeWei, 0n);
            expect([funds - balance, spent]).toEqual([charges, charges]);
            expect(balance >= 0n).toBe(true);
            for (const { node_id, startedAt, finishedAt = simulator.now, chargeWei } of sessions) {
              const price = node_id === 1 ? 3600n : 36_000n;
              expect(chargeWei).toBe((price * BigInt(Math.floor((finishedAt - startedAt) / 1000))) / 3600n);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('an exhausted balance', () => {
  test('ends all sessions at the last millisecond that it pays for', async () => {
    const { simulator, client } = aWorld({ ...smallWorld, balanceWei: 111n });
    await client.services.mr.start(rental(1));
    await simulator.advance(500);
    await client.services.mr.start(rental(2));
    const start = simulator.sessions[0]?.startedAt ?? 0;
    await simulator.advance(3_600_000);
    // After 10 seconds it is 10 and 90; at 10.5 seconds the second one costs 100; at 11 it would be 111, at 11.5 it is too much.
    expect(simulator.sessions).toMatchObject([
      { state: 'ended', terminationReason: 3, finishedAt: start + 11_499, chargeWei: 11n },
      { state: 'ended', terminationReason: 3, finishedAt: start + 11_499, chargeWei: 100n },
    ]);
    expect([simulator.running, simulator.balance]).toEqual([[], 0n]);
  });

  test('is detected to the millisecond, however far time jumps', async () => {
    const slow = new OctaSimulator({ ...smallWorld, balanceWei: 5000n });
    const fast = new OctaSimulator({ ...smallWorld, balanceWei: 5000n });
    for (const simulator of [slow, fast]) await ask(simulator, 'POST /services/mr', { body: [item(1)] });
    await fast.advance(10_000_000);
    for (let step = 0; step < 1000; step++) {
      await slow.advance(10_000);
      expect(slow.balance >= 0n).toBe(true);
    }
    expect(slow.sessions).toEqual(fast.sessions);
    expect(fast.sessions[0]?.chargeWei).toBe(5000n);
  });

  test('refuses starts until there is a deposit', async () => {
    const { simulator, client } = aWorld({ ...smallWorld, balanceWei: 10n });
    await client.services.mr.start(rental(2));
    await simulator.advance(2000);
    const refused = await ask(simulator, 'POST /services/mr', { body: [item(1)] });
    expect(refused.value).toEqual([{ id: 0, reason: 'Insufficient balance', status: 1 }]);
    simulator.deposit(100n);
    const { uuid } = await client.services.mr.start(rental(1));
    expect(simulator.running).toEqual([uuid]);
  });

  test('is enough for sessions that cost nothing, or nothing within the first second', async () => {
    const machines = [
      { node_id: 1, priceWeiPerHour: 0n },
      { node_id: 2, priceWeiPerHour: 3599n },
      { node_id: 3, priceWeiPerHour: 3600n },
    ];
    const { simulator, client } = aWorld({ latencyMs: 0, balanceWei: 0n, machines });
    const [free, cheap] = [await client.services.mr.start(rental(1)), await client.services.mr.start(rental(2))];
    await failure(client.services.mr.start(rental(3)), OctaProvisionRejectedError);
    await simulator.advance(1_000_000);
    // Of the second, the second second would cost one Wei; with it, everything has ended.
    expect(simulator.sessions).toMatchObject([
      { uuid: free.uuid, terminationReason: 3, chargeWei: 0n },
      { uuid: cheap.uuid, terminationReason: 3, chargeWei: 0n },
    ]);
    await client.services.mr.start(rental(1));
    await failure(client.services.mr.start(rental(2)), OctaProvisionRejectedError);
  });

  test('happens in order with the death of a node', async () => {
    const { simulator, client } = aWorld({ ...smallWorld, balanceWei: 100n });
    await client.services.mr.start(rental(1));
    await client.services.mr.start(rental(2));
    simulator.machine(2).dieAfter(5000);
    await simulator.advance(3_600_000);
    // 5 and 50 until the death; the other one has 95 seconds in all.
    expect(simulator.sessions.map(({ terminationReason, chargeWei }) => [terminationReason, chargeWei])).toEqual([
      [3, 50n],
      [2, 50n],
    ]);
  });
});
