/** Our schemas against those that zod itself makes of the spec, on examples that were damaged at random. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { operations } from '../../generated/operations.ts';
import { answerSchemas } from '../../generated/zod-answers.ts';
import type { Schema } from '../../scripts/generate/spec.ts';
import { parseJson } from '../../src/codec/json.ts';
import { readResult } from '../../src/core/result.ts';
import { documented, spec } from '../support/spec.ts';
import { aReply, keepingLog } from '../support/transport.ts';

const runs = { seed: 20_261_126, numRuns: 300 };

type JsonSchema = Record<string, unknown>;

/** JSON knows no bigints: in the oracle they are text that begins with a character which no other text has. */
const sign = '\u0001';
const bigintText: JsonSchema = { type: 'string', pattern: `^${sign}` };
const otherText: JsonSchema = { type: 'string', pattern: `^(?!${sign})` };

/** What each kind is after decoding, by rules of this test's own. */
const byKind: Readonly<Record<string, (schema: JsonSchema) => JsonSchema>> = {
  wei: () => bigintText,
  integer: () => ({ type: 'number' }),
  'number-text': () => ({ type: 'number' }),
  timestamp: () => ({ type: 'number', minimum: 0 }),
  mbits: () => ({ type: 'number', minimum: 0 }),
  ports: () => ({ type: 'array', items: { type: 'integer', minimum: 0, maximum: 65_535 } }),
  envs: () => ({ type: 'object', additionalProperties: otherText }),
};

function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' ? value.replace('#/components/schemas/', '#/$defs/') : value;
  }
  const kind: unknown = Reflect.get(value, 'x-octa-kind');
  const rule = typeof kind === 'string' ? byKind[kind] : undefined;
  if (rule !== undefined) return rule({ ...value });
  if (Reflect.get(value, 'type') === 'string' && !('enum' in value)) return otherText;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rewritten(each)]));
}

const $defs = rewritten(spec.components.schemas);

function oracleOf(schema: Schema): z.ZodType {
  // What is given is a schema of JSON Schema's own terms; its type is narrower than what is built here.
  return z.fromJSONSchema({ ...Object(rewritten(schema)), $defs });
}

/** A decoded value as the oracle takes it. */
function forOracle(value: unknown): unknown {
  if (typeof value === 'bigint') return `${sign}${value}`;
  if (Array.isArray(value)) return value.map(forOracle);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, forOracle(each)]));
}

type Path = readonly string[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, each]) => pathsIn(each, [...path, key]))];
}

const removed = Symbol('removed');

/** A copy with another value at a path, or nothing. */
function damaged(value: unknown, [step, ...rest]: Path, other: unknown): unknown {
  if (step === undefined) return other === removed ? null : other;
  const entries = Object.entries(Object(value)).flatMap(([key, each]) => {
    if (key !== step) return [[key, each]];
    return rest.length === 0 && other === removed ? [] : [[key, damaged(each, rest, other)]];
  });
  const copy: Record<string, unknown> = Object.fromEntries(entries);
  return Array.isArray(value) ? Object.values(copy) : copy;
}

const others = [
  removed,
  null,
  0,
  -1,
  1.5,
  70_000,
  2 ** 60,
  '',
  'text',
  '5',
  true,
  [],
  [1],
  ['x'],
  {},
  { a: 1 },
  5n,
  -5n,
];

const examples = documented.filter(
  ({ id, status }) => status < 300 && !['none', 'bytes', 'log', 'any'].includes(operations[id].answer),
);

/** Where issues are; within a field that has several forms it depends on the form that zod takes for meant. */
function placesOf(issues: readonly z.core.$ZodIssue[] = []): string[] {
  const places = issues.map(({ path }) => path.join('/').replace(/^(config|\d+\/gpu)\/.*/, '$1'));
  return [...new Set(places)].sort();
}

describe('both find the same paths', () => {
  test.each(examples.map((each) => [`${each.id} ${each.status} ${each.example}`, each] as const))('%s', (_, each) => {
    const parsed = parseJson(JSON.stringify(each.value));
    const options = { onDrift: undefined, validate: undefined, log: keepingLog() };
    const value = readResult({ row: operations[each.id] }, aReply({ parsed }), options);
    const ours = answerSchemas[each.id];
    const oracle = oracleOf(each.schema);
    const isStart = operations[each.id].effect === 'billable';
    const whatever = fc.record({ path: fc.constantFrom(...pathsIn(value)), other: fc.constantFrom(...others) });
    fc.assert(
      fc.property(fc.array(whatever, { maxLength: 3 }), (damages) => {
        const odd = damages.reduce((found, { path, other }) => damaged(found, path, other), value);
        // A start may answer in another form than the one that its example is in.
        if (isStart && Array.isArray(odd) !== Array.isArray(value)) return;
        const found = ours?.safeParse(odd);
        const wanted = oracle.safeParse(forOracle(odd));
        expect(found?.success).toBe(wanted.success);
        if (!isStart) expect(placesOf(found?.error?.issues)).toEqual(placesOf(wanted.error?.issues));
      }),
      runs,
    );
  });
});

test('Damage is found.', () => {
  const balance = oracleOf({ $ref: '#/components/schemas/Balance' });
  const answers: unknown[] = [{ balance: 5n }, { balance: 5 }, { balance: '5' }, {}, []];
  expect(answers.map((answer) => balance.safeParse(forOracle(answer)).success)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(answers.map((answer) => answerSchemas.getBalance?.safeParse(answer).success)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
