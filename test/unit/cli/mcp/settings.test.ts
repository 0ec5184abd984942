import { describe, expect, test } from 'vitest';
import { defaultLedger } from '../../../../src/cli/mcp/backend.ts';
import { mcpUsage, readSettings } from '../../../../src/cli/mcp/settings.ts';
import { octa } from '../../../support/mcp.ts';
import { runCli } from '../console.ts';

test('The command line sets the limits, with safe defaults.', () => {
  expect(readSettings([])).toEqual({
    limits: undefined,
    isOperator: false,
    keep: false,
    idleMs: 600_000,
    port: undefined,
    ledger: undefined,
    seed: undefined,
  });
  expect(readSettings(['--max-total-spend', '5']).limits).toEqual({
    maxSpend: 5n * octa,
    maxTotalSpend: 5n * octa,
    maxMinutes: 60,
    maxSessions: 1,
  });
  const all =
    '--max-total-spend 5.5 --max-spend 0.000000000000000001 --max-minutes 90.5 --max-sessions 3 --keep --allow operator --http 0 --idle-minutes 0.5 --ledger here';
  expect(readSettings(all.split(' '))).toEqual({
    limits: { maxSpend: 1n, maxTotalSpend: (11n * octa) / 2n, maxMinutes: 90.5, maxSessions: 3 },
    isOperator: true,
    keep: true,
    idleMs: 30_000,
    port: 0,
    ledger: 'here',
    seed: undefined,
  });
});

const wrong: [given: string, message: string][] = [
  ['--max-total-spend 0', '--max-total-spend is "0"; allowed: an amount of OCTA above 0, such as 2.5'],
  ['--max-total-spend 1e3', '--max-total-spend is "1e3"; allowed: an amount of OCTA above 0, such as 2.5'],
  ['--max-spend 1', '--max-spend needs --max-total-spend; without it, the server rents nothing'],
  ['--max-total-spend 5 --max-spend 10', '--max-spend is 10; allowed: at most --max-total-spend, which is 5'],
  ['--simulate', '--simulate needs a value, such as --simulate 1'],
  ['--http --keep', '--http needs a value, such as --http 4020; write one that begins with a dash as --http=VALUE'],
  ['--keep', '--keep needs --max-total-spend; without it, the server rents nothing'],
  ['--max-total-spend 1 --max-sessions 0', '--max-sessions is "0"; allowed: a whole number, 1 or more'],
  ['--max-total-spend 1 --max-minutes 0', '--max-minutes is "0"; allowed: a number of minutes above 0, at most 28800'],
  ['--allow all', '--allow is "all"; allowed: operator'],
  ['--idle-minutes 5', '--idle-minutes is only valid with --http'],
  ['--simulate 1 --ledger x', '--ledger cannot be used with --simulate'],
  ['--max-spending 1', 'unknown option "--max-spending" for mcp; did you mean --max-spend?'],
];

describe('A wrong option is named, with what is allowed:', () => {
  test.each(wrong)('%s', async (given, message) => {
    expect(await runCli(['mcp', ...given.split(' ')])).toMatchObject({ code: 2, stderr: `octaspace: ${message}\n` });
  });

  test('a missing key', async () => {
    const { code, stderr } = await runCli(['mcp', '--ledger', '/nowhere']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('OCTA_API_KEY is not set') });
  });
});

test('Each option with a value has an example for the error.', async () => {
  const valued = [...mcpUsage.matchAll(/^ {2}(--[\w-]+) (?:[A-Z]+|operator) /gm)].map(([, name = '']) => name);
  expect(valued.length).toBe(9);
  for (const name of valued) {
    expect((await runCli(['mcp', name])).stderr).toContain(`${name} needs a value, such as ${name} `);
  }
});

test('The default ledger is another one for each key and API, and does not have the key in its name.', () => {
  const of = (env: Record<string, string>) =>
    defaultLedger({
      env: { HOME: '/home/me', ...env },
      stdout: { write: () => 0 },
      stderr: { write: () => 0 },
      signal: AbortSignal.abort(),
    });
  const [one, other, elsewhere] = [
    of({ OCTA_API_KEY: 'key-1' }),
    of({ OCTA_API_KEY: 'key-2' }),
    of({ OCTA_API_KEY: 'key-1', OCTA_BASE_URL: 'http://a' }),
  ];
  expect(new Set([one, other, elsewhere]).size).toBe(3);
  expect(one).toMatch(/octaspace\/mcp\/[\da-f]{16}$/);
  expect(one).not.toContain('key-1');
  if (process.platform === 'linux') expect(of({ XDG_STATE_HOME: '/state' })).toMatch(/^\/state\/octaspace\/mcp\//);
});
