// Misspelt on purpose. cspell:ignore smok sotp raep timeot
import { expect, test } from 'vitest';
import { didYouMean } from '../../src/nearest.ts';

const commands = ['smoke', 'sessions', 'stop', 'reap', 'mock'];
const options = ['json', 'timeout-ms', 'base-url', 'all'];

test.each<[name: string, known: readonly string[], said: string]>([
  ['smok', commands, 'did you mean smoke?'],
  ['SMOKE', commands, 'did you mean smoke?'],
  ['sotp', commands, 'did you mean stop?'],
  ['raep', commands, 'did you mean reap?'],
  ['session', commands, 'did you mean sessions?'],
  ['rent', commands, 'known: smoke, sessions, stop, reap, mock'],
  ['', commands, 'known: smoke, sessions, stop, reap, mock'],
  ['a', options, 'known: json, timeout-ms, base-url, all'],
  ['timeout', options, 'did you mean timeout-ms?'],
  ['timeot', options, 'did you mean timeout-ms?'],
  ['baseUrl', options, 'did you mean base-url?'],
])('%j of %j: %s.', (name, known, said) => {
  expect(didYouMean(name, known)).toBe(said);
});

test('Names are written in the requested form.', () => {
  const form = (name: string) => `--${name}`;
  expect(didYouMean('jsn', options, form)).toBe('did you mean --json?');
  expect(didYouMean('x', ['json', 'all'], form)).toBe('known: --json, --all');
});
