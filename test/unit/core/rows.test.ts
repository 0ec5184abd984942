import { describe, expect, test } from 'vitest';
import { type OperationId, type OperationRow, operations } from '../../../generated/operations.ts';
import { plans } from '../../../generated/plans.ts';
import { bodyFormOf, bodyPlanOf, formsOf, rowAt, rowOf } from '../../../src/core/rows.ts';

const entries = Object.entries<OperationRow>(operations);

describe.each(entries)('%s', (operation, row) => {
  test('is found by its name.', () => {
    expect(rowOf(operation as OperationId)).toBe(row);
  });

  test('is found by its method and path.', () => {
    expect(rowAt(row.method, row.path)).toEqual({ operation, row });
  });
});

test.each([
  ['GET', '/billing'],
  ['DELETE', '/nodes'],
  ['get', '/nodes'],
  ['GET', '/nodes/42'],
])('%s %s stands in no row, so it gets one that is never repeated, and the key if there is one.', (method, path) => {
  expect(rowAt(method, path)).toEqual({
    operation: `${method} ${path}`,
    row: { method, path, auth: 'optional', effect: 'disruptive', answer: 'any' },
  });
});

test.each<[OperationId, string]>([
  ['getNode', 'json'],
  ['startMr', 'json'],
  ['downloadNodeLogs', 'bytes'],
  ['getIdleJobLogs', 'bytes'],
  ['rebootNode', 'text'],
])('The answer to %s is read as %s.', (operation, form) => {
  expect(bodyFormOf(rowOf(operation))).toBe(form);
});

describe('The forms of an answer', () => {
  test('are all that the row names.', () => {
    expect(formsOf(rowOf('startMr')).map(({ text }) => text)).toEqual(['StartResult[]', 'StartResult']);
  });

  test('are compiled once.', () => {
    expect(formsOf(rowOf('getNode'))).toBe(formsOf(rowOf('getNode')));
  });
});

test.each<[title: string, operation: OperationId, plan: object | undefined, required: boolean]>([
  ['may be left out', 'stopSession', { score: 'number' }, false],
  ['must be there', 'updateNodePrices', plans.UpdateNodePricesOptions, true],
  ['is none', 'getNode', undefined, false],
])('A body that %s: that of %s.', (_, operation, plan, required) => {
  expect(bodyPlanOf(rowOf(operation))).toEqual({ plan, required });
});

test.each<OperationId>(['startMr', 'startRender', 'startVpn'])('%s cannot go without a body.', (operation) => {
  expect(bodyPlanOf(rowOf(operation))).toMatchObject({ plan: { node_id: 'number!' }, required: true });
});
