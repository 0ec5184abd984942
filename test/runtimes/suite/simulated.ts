/** The simulator, and rentals with it. */
import type { OctaClient } from '@octaspace/sdk';
import type { OctaSimulator } from '@octaspace/sdk/testing';
import { demand, equal, rejection } from './expect.ts';
import { type Kit, order, type Test } from './kit.ts';

const machines = [{ node_id: order.node_id, priceWeiPerHour: 3_600n, readyAfterMs: 8_000 }];

/** A client of a simulator, in virtual time. */
function clientOf(kit: Kit, { fetch }: OctaSimulator): OctaClient {
  return kit.client({ url: 'https://api.test' }, { fetch });
}

export const simulated: readonly Test[] = [
  [
    'A simulated rental gets ready, logs, is stopped at the end of its scope, and costs what it should, to the Wei.',
    async (kit) => {
      const simulator = new kit.modules.testing.OctaSimulator({ machines, balanceWei: 10n ** 24n + 1n });
      const client = clientOf(kit, simulator);
      const steps: string[] = [];
      {
        const lease = { onProgress: ({ step }: { readonly step: string }) => void steps.push(step) };
        await using session = await client.services.mr.rent(order, lease);
        await simulator.advance(3_600_000);
        const { is_ready, charge_amount = 0n } = await session.info();
        equal(is_ready, true, 'whether it is ready');
        demand(charge_amount >= 3_600n, `it has cost ${charge_amount} Wei so far`);
        const { system } = await session.logs();
        demand(system.length > 0, 'it has no logs');
      }
      equal([steps[0], steps.at(-1)], ['starting', 'ready'], 'the first step and the last');
      equal(simulator.running, [], 'what is running');
      const [recent] = await client.sessions.list({ recent: true });
      equal(recent?.charge_amount, simulator.spent, 'the charge');
      equal((await client.accounts.balance()).balance, 10n ** 24n + 1n - simulator.spent, 'the balance');
    },
  ],
  [
    'A start whose answer is lost is found again, and not started twice.',
    async (kit) => {
      const simulator = new kit.modules.testing.OctaSimulator({ machines });
      const client = clientOf(kit, simulator);
      simulator.fail('startMr', { lost: 'after' });
      const session = await client.services.mr.rent(order);
      equal(simulator.running, [session.uuid], 'what is running');
      const starts = simulator.requests.filter(({ operation }) => operation === 'startMr');
      equal(starts.length, 1, 'the number of starts');
      await session.stop();
    },
  ],
  [
    'A guard stops a simulated session at its limit.',
    async (kit) => {
      const simulator = new kit.modules.testing.OctaSimulator({ machines });
      const client = clientOf(kit, simulator);
      const { guards } = await client.services.mr.rent(order, { maxSpend: 1_000n });
      const [guard] = guards;
      await simulator.advance(3_600_000);
      equal((await guard?.done)?.reason, 'spend', 'the reason');
      equal(simulator.running, [], 'what is running');
      demand(simulator.spent <= 1_000n, `it cost ${simulator.spent} Wei`);
    },
  ],
  [
    'The simulator serves HTTP, where the runtime can.',
    async (kit) => {
      const soon = machines.map((machine) => ({ ...machine, readyAfterMs: 100 }));
      const simulator = new kit.modules.testing.OctaSimulator({ machines: soon });
      if (kit.isExcepted('no-server')) {
        const { message } = await rejection(kit.sdk.OctaConfigurationError, simulator.listen());
        demand(message.includes('simulator.fetch'), message);
        return;
      }
      await using server = await simulator.listen();
      const client = kit.client(server);
      const session = await client.services.mr.rent(order, { pollIntervalMs: 50 });
      equal(simulator.running, [session.uuid], 'what is running');
      equal(await session.stop(), { confirmed: false, alreadyStopped: false });
      equal(simulator.running, [], 'what is running');
    },
  ],
];
