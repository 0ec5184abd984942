/** Failures of `rentMany` that are not thrown. */
import { expect, test } from 'vitest';
import { OctaSessionError } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { market } from '../../support/market.ts';

function logged() {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  return { lines, options: { logger: { error: log, warn: log, info: log, debug: log }, logLevel: 'warn' as const } };
}
const orders = [{ node_id: 21 }, { node_id: 22 }];

test('An order that may have begun a session is logged if enough others succeed.', async () => {
  const { lines, options } = logged();
  const { simulator, client } = market({}, options);
  simulator.fail('startVpn', { lost: 'after' });
  const sessions = await client.services.vpn.rentMany(orders, { atLeast: 1 });
  const lost = simulator.running.filter((uuid) => uuid !== sessions[0]?.uuid);
  expect(sessions).toHaveLength(1);
  expect(lines.filter((line) => line.includes('rentMany'))).toEqual([
    expect.stringMatching(new RegExp(`an order failed and may have left a session running \\(lease .*, ${lost[0]}\\)`)),
  ]);
});

test('A refused order is not logged.', async () => {
  const { lines, options } = logged();
  const { simulator, client } = market({}, options);
  simulator.fail('startVpn', { status: 400, body: { message: 'Node is busy' } });
  expect(await client.services.vpn.rentMany(orders, { atLeast: 1 })).toHaveLength(1);
  expect(lines.filter((line) => line.includes('rentMany'))).toEqual([]);
});

test('Of several failures, the first is the cause of the error, and the others are logged.', async () => {
  const { lines, options } = logged();
  const { simulator, client } = market({}, options);
  simulator.fail('startVpn', { lost: 'after' }, 2);
  const { cause } = await failure(client.services.vpn.rentMany(orders), OctaSessionError);
  expect(cause).toMatchObject({ outcome: 'unknown', suspects: [expect.any(String)] });
  expect(lines.filter((line) => line.includes('rentMany'))).toHaveLength(1);
});
