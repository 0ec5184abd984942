import { describe, expect, test } from 'vitest';
import { type OperationId, type OperationRow, operations } from '../../../generated/operations.ts';
import * as plans from '../../../generated/plans.ts';
import { fieldsOf } from '../../../src/codec/plan.ts';
import { bodyFormOf, bodyPlanOf, formsOf } from '../../../src/core/rows.ts';
import { rowAt } from '../../../src/core/rows-by-path.ts';

test.each(Object.entries<OperationRow>(operations))(
  '%s has its name, and is found by its method and path.',
  (id, row) => {
    expect(row.id).toBe(id);
    expect(rowAt(row.method, row.path)).toBe(row);
  },
);

test.each([
  ['GET', '/billing'],
  ['DELETE', '/nodes'],
  ['get', '/nodes'],
  ['GET', '/nodes/42'],
])('%s %s has no row, so it is never retried, and is sent with the key if there is one.', (method, path) => {
  const unknown = { method, path, auth: 'optional', effect: 'disruptive', answer: 'any', plans: {} };
  expect(rowAt(method, path)).toEqual({ id: `${method} ${path}`, ...unknown });
});

test('A row has exactly the plans that its response and its body use.', () => {
  const { MrGpu, MrGpuByVendor, MrMachine, MrReliability, ReliabilityRating } = plans;
  expect(operations.listMrMachines.plans).toEqual({ MrGpu, MrMachine, MrReliability, ReliabilityRating });
  expect(Object.keys(operations.startVpn.plans)).toEqual(['StartResult', 'StartVpnRequest']);
  expect(MrGpuByVendor).toBeDefined();
});

test.each<[OperationId, string]>([
  ['getNode', 'json'],
  ['startMr', 'json'],
  ['downloadNodeLogs', 'bytes'],
  ['getIdleJobLogs', 'bytes'],
  ['rebootNode', 'text'],
])('The response to %s is read as %s.', (operation, form) => {
  expect(bodyFormOf(operations[operation])).toBe(form);
});

describe('The forms of a response', () => {
  test('are all that the row names.', () => {
    expect(formsOf(operations.startMr).map(({ text }) => text)).toEqual(['StartResult[]', 'StartResult']);
  });

  test('are compiled once.', () => {
    expect(formsOf(operations.getNode)).toBe(formsOf(operations.getNode));
  });
});

test.each<[title: string, operation: OperationId, plan: object | undefined, required: boolean]>([
  ['may be left out', 'stopSession', { score: 'number' }, false],
  ['must be there', 'updateNodePrices', fieldsOf(plans.UpdateNodePricesOptions), true],
  ['is none', 'getNode', undefined, false],
])('A body that %s: that of %s.', (_, operation, plan, required) => {
  expect(bodyPlanOf(operations[operation])).toEqual({ plan, required });
});

test.each<OperationId>(['startMr', 'startRender', 'startVpn'])('%s requires a body.', (operation) => {
  expect(bodyPlanOf(operations[operation])).toMatchObject({ plan: { node_id: 'number!' }, required: true });
});
