/** Calls of `rent` and `run` that start nothing: they are errors, and their quote can be used again. */
import { describe, expect, test } from 'vitest';
import { withDurations } from '../../../../src/cli/mcp/durations.ts';
import { totalSpendError } from '../../../../src/cli/mcp/limits.ts';
import { mcpSettings, octa, openMcp, type SimulatedMcp } from '../../../support/mcp.ts';

const limited = { max_spend_octa: '1', max_minutes: 30 };

async function quoteOf({ call }: SimulatedMcp, more: Record<string, unknown> = {}, index = 0): Promise<string> {
  const { machines } = (await call('find_machines')).data;
  const order = { kind: 'machine', node_id: machines[index].node_id, image: 'ubuntu:24.04', ...more };
  return (await call('quote', order)).data.quote_id;
}

describe('A call that starts nothing is an error and keeps its quote:', () => {
  test('run with a quote that has a start command.', async () => {
    await using mcp = await openMcp();
    const quote_id = await quoteOf(mcp, { start_command: 'sleep 60' });
    const { isError, data } = await mcp.call('run', { quote_id, ...limited, command: 'true' });
    expect([isError, data.error.message]).toEqual([
      true,
      'the quote has a start_command, which run cannot keep; call quote without it, or use rent',
    ]);
    expect((await mcp.call('rent', { quote_id, ...limited })).data.session.state).toBe('running');
  });

  const wrong: [what: string, args: Record<string, unknown>, message: string][] = [
    ['a blank command', { command: ' ' }, 'command'],
    [
      'files that are too large',
      { command: 'true', files: { a: 'x'.repeat(200_000), b: 'y'.repeat(100_000) } },
      'files',
    ],
    ['a result that is a folder', { command: 'true', results: ['out/'] }, 'results'],
  ];
  test.each(wrong)('run with %s.', async (_, args, message) => {
    await using mcp = await openMcp();
    const quote_id = await quoteOf(mcp);
    const { isError, data } = await mcp.call('run', { quote_id, ...limited, ...args });
    expect([isError, data.error.name]).toEqual([true, 'OctaConfigurationError']);
    expect(data.error.message).toContain(message);
    expect((await mcp.call('session_status')).data.sessions).toEqual([]);
    expect(mcp.simulator.sessions).toEqual([]);
    const { session } = (await mcp.call('run', { quote_id, ...limited, command: 'true' })).data;
    expect(session).toMatchObject({ state: 'over', end: { reason: 'done' } });
  });

  test.each([401, 402, 422])('rent that the API answers with %d.', async (status) => {
    await using mcp = await openMcp();
    const quote_id = await quoteOf(mcp);
    const fault = mcp.simulator.fail('startMr', { status }, Number.POSITIVE_INFINITY);
    expect((await mcp.call('rent', { quote_id, ...limited })).isError).toBe(true);
    fault.remove();
    expect((await mcp.call('rent', { quote_id, ...limited })).data.session.state).toBe('running');
  });

  test('rent that is refused after its call has returned.', async () => {
    await using mcp = await openMcp({}, { latencyMs: 1_000 });
    const quote_id = await quoteOf(mcp);
    mcp.simulator.fail('startMr', { status: 402 });
    const { session } = (await mcp.call('rent', { quote_id, ...limited, wait_seconds: 0 })).data;
    expect(session.state).toBe('starting');
    await mcp.simulator.advance(5_000);
    const { sessions } = (await mcp.call('session_status', { session: session.rental_id })).data;
    expect(sessions[0]).toMatchObject({ state: 'over', end: { reason: 'failed' } });
    expect((await mcp.call('rent', { quote_id, ...limited })).data.session.state).toBe('running');
  });
});

test('A start of unknown outcome uses its quote, because something may run.', async () => {
  await using mcp = await openMcp();
  const quote_id = await quoteOf(mcp);
  mcp.simulator.fail('startMr', { lost: 'before' });
  const { session } = (await mcp.call('rent', { quote_id, ...limited, wait_seconds: 600 })).data;
  expect(session).toMatchObject({ state: 'over', end: { reason: 'failed' } });
  const { data } = await mcp.call('rent', { quote_id, ...limited });
  expect(data.error.message).toContain('was used for rental');
});

test('A refusal because of the number of sessions is true while others are only being started.', async () => {
  const { limits = expect.fail() } = mcpSettings();
  await using mcp = await openMcp({ limits: { ...limits, maxSessions: 3 } });
  const quotes = [];
  for (let index = 0; index < 6; index++) quotes.push(await quoteOf(mcp, {}, index));
  const rent = (quote_id: string) => mcp.call('rent', { ...limited, max_spend_octa: '2', quote_id });
  const refused = (await Promise.all(quotes.map(rent))).filter(({ isError }) => isError);
  expect(mcp.simulator.running.length).toBe(2);
  const messages = new Set(refused.map(({ data }) => data.error.message.split(/[,;:]/)[0]));
  expect([...messages].sort()).toEqual(['3 of at most 3 sessions run or are being started', 'max_spend_octa is 2']);
});

describe('Times in the texts of tools', () => {
  const cases: [message: string, shown: string][] = [
    ['was not ready within 900000 ms (readyTimeoutMs), progress', 'was not ready within 15 minutes, progress'],
    ['no complete response within 10000 ms (timeoutMs)', 'no complete response within 10 seconds'],
    ['40 of 50 OCTA in 86400000 ms are left', '40 of 50 OCTA in 24 hours are left'],
    ['next in 250 ms', 'next in 250 ms'],
    ['after 1000 ms', 'after 1 second'],
    ['it reached a limit (maxDurationMs) and (maxSpend)', 'it reached a limit (max_minutes) and (max_spend_octa)'],
  ];
  test.each(cases)('%s', (message, shown) => {
    expect(withDurations(message)).toBe(shown);
  });

  test('are in minutes or hours if the limit for all sessions refuses a rental.', () => {
    const total = {
      limit: 5n * octa,
      windowMs: 86_400_000,
      spent: 4n * octa,
      reserved: 0n,
      left: octa,
      wanted: octa * 2n,
    };
    expect(totalSpendError({ ...total, freesInMs: 60_000 * 90 }).message).toMatch(/; enough is free in 90 minutes$/);
    expect(totalSpendError({ ...total, freesInMs: 60_000 * 130 }).message).toMatch(/; enough is free in 3 hours$/);
  });

  test('are in minutes if a machine is not ready in time.', async () => {
    await using mcp = await openMcp();
    const { machines } = (await mcp.call('find_machines')).data;
    mcp.simulator.machine(machines[0].node_id).readyAfter(3_600_000);
    const given = { quote_id: await quoteOf(mcp), ...limited, wait_seconds: 3_600 };
    const { session } = (await mcp.call('rent', given, { timeout: 3_700_000 })).data;
    expect(session.end.reason).toBe('failed');
    expect(session.end.text).toContain('was not ready within 15 minutes');
    expect(session.end.text).not.toMatch(/\d ms|Ms\b/);
  });

  test('are in seconds if the API does not answer.', async () => {
    await using mcp = await openMcp();
    mcp.simulator.fail('listMrMachines', { stall: 'headers' }, Number.POSITIVE_INFINITY);
    const { data } = await mcp.call('find_machines', {}, { timeout: 600_000 });
    expect(data.error.message).toMatch(/no complete response within \d+ (?:second|minute)s/);
  });
});
