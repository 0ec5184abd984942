/** The code that the playground shows beside its actions. */
import { expect, test } from 'vitest';
import { calls } from '../../playground/src/calls/calls.ts';
import type { Parameter, SdkCall } from '../../playground/src/calls/types.ts';
import { valuesOf } from '../../playground/src/calls/values.ts';
import { codeOf } from '../../playground/src/client/code.ts';
import { complaintsAbout } from '../support/snippet-compiler.ts';

/** What somebody types. */
function typed({ name, kind, choices = [], initial }: Parameter): string {
  if (initial !== undefined) return initial;
  if (kind === 'choice') return choices[0] ?? '';
  if (kind === 'json')
    return { node_ids: '[1, 2]', envs: '{"A": "it\'s"}', files: '{"a.py": "print(1)"}' }[name] ?? '[22]';
  return { text: 'a', number: '7', digits: '12345678901234567890', boolean: 'true' }[kind];
}

function codeOfCall(call: SdkCall): string {
  // V2Ray alone has protocols.
  const parameters = call.parameters.filter(({ name }) => name !== 'protocol');
  const values = valuesOf(parameters, Object.fromEntries(parameters.map((each) => [each.name, typed(each)])));
  const options = { signal: new AbortController().signal, retries: 2 };
  return codeOf((client) => call.run({ client, values, options }));
}

test('Every call has its code, and the code compiles.', () => {
  const blocks = calls.map((call) => ({ page: call.name, line: 1, language: 'ts', role: '', code: codeOfCall(call) }));
  const nameless = blocks.filter(({ page, code }) => !code.includes(`.${page.split('.').at(-1)}(`));
  expect(nameless).toEqual([]);
  expect(complaintsAbout(blocks)).toEqual([]);
});

test('The code has what was typed, digit for digit, and nothing of the page.', () => {
  const call = calls.find(({ name }) => name === 'nodes.updatePrices');
  if (call === undefined) throw new Error('there is no such call');
  const options = { signal: new AbortController().signal, retries: 0 };
  const values = { node_id: 7, base: 12345678901234567890n };
  expect(codeOf((client) => call.run({ client, values, options }))).toBe(
    'await client.nodes.updatePrices(7, { base: 12345678901234567890n }, { retries: 0 });',
  );
});

test('A value with a name is called by it, and text is quoted.', () => {
  const app = { uuid: 'a' };
  const code = codeOf((client) => client.services.mr.start({ app, image: "it's\n" } as never), new Map([[app, 'app']]));
  expect(code).toBe("const session = await client.services.mr.start({ app, image: 'it\\'s\\n' });");
});

test('An action that throws before it calls anything has no code.', () => {
  const fail = () => {
    throw new Error('wrong');
  };
  expect(codeOf(fail)).toBe('');
});
