/** What a decoded response is according to the spec, by separate rules, so that it does not repeat the decoder's mistakes. */
import type { Schema } from '../../scripts/generate/spec.ts';
import { targetOf } from '../support/spec.ts';

/** Says that the field is left out. */
const leftOut = Symbol('left out');

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The patterns of the spec let through some texts that mean nothing, such as a month 13 or a port 71327. */
export function isImpossible(kind: string, value: unknown): boolean {
  if (kind === 'ports') return (String(value).match(/\d+/g) ?? []).some((port) => Number(port) > 65_535);
  return kind === 'timestamp' && String(value).includes('T') && Number.isNaN(Date.parse(String(value)));
}

function numberOrNothing(value: unknown): unknown {
  return value === null || value === '' ? leftOut : Number(value);
}

const rulesByKind: Readonly<Record<string, (value: unknown) => unknown>> = {
  wei: (value) => BigInt(String(value)),
  integer: numberOrNothing,
  'number-text': numberOrNothing,
  timestamp: (value) => (String(value).includes('T') ? Date.parse(String(value)) : numberOrNothing(value)),
  mbits: (value) => (Number(value) > 100_000 ? Number(value) / 125_000 : value),
  ports: (value) => (typeof value === 'string' ? JSON.parse(value || '[]') : (value ?? [])),
  envs: (value) => Object.fromEntries(Object.entries(Object(value)).map(([name, each]) => [name, String(each ?? '')])),
  config: (value) => value,
  any: (value) => value,
};

/** The value that decoding makes of a wire value which fits the schema. */
export function decodedBy(given: Schema, value: unknown): unknown {
  const schema = targetOf(given);
  const kind = schema['x-octa-kind'];
  if (kind !== undefined) {
    const rule = rulesByKind[kind];
    if (rule === undefined) throw new Error(`no rule for ${kind}`);
    if (isImpossible(kind, value)) return kind === 'ports' ? [] : leftOut;
    return rule(value);
  }
  if (Array.isArray(value)) return value.map((item) => decodedBy(schema.items ?? {}, item));
  if (!isRecord(value)) return value;
  const { properties = {}, additionalProperties: others } = schema;
  const rest = typeof others === 'object' ? others : {};
  const fields = Object.entries(value).map(
    ([name, field]) => [name, decodedBy(properties[name] ?? rest, field)] as const,
  );
  return Object.fromEntries(fields.filter(([, field]) => field !== leftOut));
}
