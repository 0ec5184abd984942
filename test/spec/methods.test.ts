/** Operations and resource methods, one to one. */
import { expect, test } from 'vitest';
import { operations } from '../../generated/operations.ts';
import { methods, operationsOf, publicMethods } from '../support/methods.ts';

/** Methods that convert the result of another one. */
const composed = [
  'apps.get',
  'services.mr.find',
  'services.mr.startMany',
  'services.render.find',
  'services.vpn.find',
  'sessions.find',
];

/** Methods that make several requests, or none; they have tests of their own. */
const longer = [
  'leases.attach',
  'leases.list',
  'leases.reconcile',
  'leases.spending',
  'services.mr.rent',
  'services.mr.rentMany',
  'services.mr.run',
  'services.render.rent',
  'services.render.rentMany',
  'services.vpn.rent',
  'services.vpn.rentMany',
  'services.session.followLogs',
  'services.session.guard',
  'services.session.keep',
  'services.session.waitUntilReady',
  'services.session.watch',
  'sessions.stopAll',
];

test('Every public method of the resources is in the table above, and nothing else is.', () => {
  expect(publicMethods()).toEqual([...Object.keys(methods), ...longer].sort());
});

test('Each operation is reached by one method, and each method reaches one operation.', async () => {
  const reached: Record<string, string[]> = {};
  for (const [name, call] of Object.entries(methods)) {
    reached[name] = await operationsOf((client) => call(client, {}));
  }
  expect(Object.entries(reached).filter(([, ids]) => ids.length !== 1)).toEqual([]);
  const simple = Object.entries(reached).filter(([name]) => !composed.includes(name));
  expect(simple.flatMap(([, ids]) => ids).sort()).toEqual(Object.keys(operations).sort());
});
