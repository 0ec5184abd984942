/** Jobs on a simulated market: what they return, and that nothing runs afterwards. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  type JobOptions,
  type LogLine,
  type MrJob,
  OctaAbortError,
  OctaClient,
  OctaConfigurationError,
  OctaProvisionRejectedError,
  OctaSessionError,
  OctaTimeoutError,
  type RunMrOptions,
} from '../../../src/index.ts';
import { wrap } from '../../../src/jobs/wrapper.ts';
import type { SimulatedCommand } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { countOf, image, type Market, market } from '../../support/market.ts';

const hour = { maxDurationMs: 3_600_000 };
const bytes = (text: string) => new TextEncoder().encode(text);

/** Files as text, which is faster to compare. */
function texts(files: Iterable<readonly [string, Uint8Array]>): Record<string, string> {
  return Object.fromEntries([...files].map(([path, content]) => [path, Buffer.from(content).toString('latin1')]));
}

/** Prints a line at each interval. */
function ticking(count: number, everyMs: number, code = 0): SimulatedCommand {
  return async function* (_, { sleep }) {
    for (let step = 1; step <= count; step++) {
      await sleep(everyMs);
      yield `step ${step}`;
    }
    return code;
  };
}

function begin(
  { simulator, client }: Market,
  command: SimulatedCommand,
  more: Partial<RunMrOptions> = {},
  options: Partial<JobOptions> = {},
): MrJob {
  simulator.machine(1).job(command);
  const order = { node_id: 1, ...image, command: 'work', ...more } as RunMrOptions;
  return client.services.mr.run(order, { ...hour, ...options } as JobOptions);
}

async function linesOf(job: AsyncIterable<LogLine>): Promise<string[]> {
  const lines: string[] = [];
  for await (const { source, text } of job) if (source === 'container') lines.push(text);
  return lines;
}

describe('A job', () => {
  test('returns the exit code, the output and the cost, and its session is over.', async () => {
    const world = market();
    const job = begin(world, ticking(3, 30_000, 3));
    const { exitCode, output, session, charge, durationMs } = await job.result;
    expect({ exitCode, output }).toEqual({ exitCode: 3, output: 'step 1\nstep 2\nstep 3\n' });
    const [simulated] = world.simulator.sessions;
    expect(simulated).toMatchObject({ uuid: session.uuid, state: 'ended', terminationReason: 0, chargeWei: charge });
    const ranMs = Number(simulated?.finishedAt) - Number(simulated?.startedAt);
    // The API counts in seconds.
    expect(Math.abs(durationMs - ranMs)).toBeLessThanOrEqual(1_000);
    expect(countOf(world.simulator, 'startMr')).toBe(1);
  });

  test('runs its command with its files and variables, and returns the results.', async () => {
    const world = market();
    let seen: unknown;
    const command: SimulatedCommand = async function* (text, { files, envs }) {
      seen = { text, files: texts(files), mode: envs.MODE, names: Object.keys(envs) };
      files.set('out/a.json', bytes('{"a":1}'));
      files.set('empty', new Uint8Array());
      yield 'done';
      return 0;
    };
    const big = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7) % 256);
    const job = begin(world, command, {
      command: ['python', "it's.py", 'a b'],
      files: { "it's.py": 'print("ü")\n', 'data/big.bin': big, none: '' },
      results: ['out/a.json', 'nothing', 'data/big.bin', 'empty', 'out/a.json'],
      envs: { MODE: 'fast' },
    });
    const { results, missing, output } = await job.result;
    expect(seen).toMatchObject({
      text: `'python' 'it'\\''s.py' 'a b'`,
      files: texts([
        ["it's.py", bytes('print("ü")\n')],
        ['data/big.bin', big],
        ['none', new Uint8Array()],
      ]),
      mode: 'fast',
      names: ['MODE', 'OCTA_LEASE_ID'],
    });
    expect(texts(Object.entries(results))).toEqual(
      texts([
        ['out/a.json', bytes('{"a":1}')],
        ['data/big.bin', big],
        ['empty', new Uint8Array()],
      ]),
    );
    expect(missing).toEqual([{ path: 'nothing', reason: 'missing' }]);
    expect(output).toBe('done\n');
  });

  test('returns which results were too large.', async () => {
    const command: SimulatedCommand = async function* (_, { files }) {
      files.set('one', new Uint8Array(200_000)).set('two', new Uint8Array(200_000)).set('three', new Uint8Array(1));
      yield '';
      return 0;
    };
    const { results, missing } = await begin(market(), command, { results: ['one', 'two', 'three'] }).result;
    expect(Object.keys(results)).toEqual(['one', 'three']);
    expect(missing).toEqual([{ path: 'two', reason: 'too-large' }]);
  });

  test('yields every line once and in order, including empty ones, to each reader.', async () => {
    const command: SimulatedCommand = async function* (_, { sleep }) {
      for (const text of ['', 'one', '', '', 'two', '']) {
        yield text;
        await sleep(7_000);
      }
      return 0;
    };
    const job = begin(market(), command);
    const [first, second] = await Promise.all([linesOf(job), linesOf(job)]);
    expect(first).toEqual(['', 'one', '', '', 'two', '']);
    expect(second).toEqual(first);
    expect(await linesOf(job)).toEqual(first);
    expect((await job.result).output).toBe('\none\n\n\ntwo\n\n');
  });

  test('provides its session once it is ready.', async () => {
    const world = market();
    const job = begin(world, ticking(3, 10_000));
    const session = await job.session;
    expect(world.simulator.running).toEqual([session.uuid]);
    expect((await session.info()).progress).toBe('service configured');
    expect((await job.result).session).toBe(session);
  });

  test('continues if its reader leaves.', async () => {
    const job = begin(market(), ticking(5, 30_000));
    for await (const { text } of job) if (text === 'step 1') break;
    expect((await job.result).output).toMatch(/step 5\n$/);
  });

  test('is completed by a client that is closed right after its begin.', async () => {
    const world = market();
    const job = begin(world, ticking(3, 30_000, 3));
    await world.client.close();
    expect(await job.result).toMatchObject({ exitCode: 3, output: 'step 1\nstep 2\nstep 3\n' });
    expect(world.simulator.running).toEqual([]);
  });

  test('uses the next candidate if one refuses.', async () => {
    const world = market();
    world.simulator.machine(2).refuse();
    world.simulator.machine(1).job(ticking(1, 1_000));
    const job = world.client.services.mr.run({ candidates: [2, 1], ...image, command: 'work' }, hour);
    expect(await job.result).toMatchObject({ exitCode: 0 });
    expect(world.simulator.sessions).toMatchObject([{ node_id: 1 }]);
  });
});

describe('A job that fails', () => {
  async function failed(world: Market, job: MrJob): Promise<OctaSessionError> {
    const error = await failure(job.result, OctaSessionError);
    expect(world.simulator.running).toEqual([]);
    expect(error.running).toEqual([]);
    // Its session is proven over.
    expect(error).toMatchObject({ outcome: 'rejected', rolledBack: error.session });
    // A reader of the lines gets the same error.
    await expect(linesOf(job)).rejects.toBe(error);
    return error;
  }

  test.each([
    ['maxDurationMs', { maxDurationMs: 120_000 }],
    ['maxSpend', { maxDurationMs: undefined, maxSpend: 10n ** 17n }],
  ])('for its %s is stopped, with the output so far.', async (option, limit) => {
    const world = market();
    const error = await failed(world, begin(world, ticking(1_000, 20_000), {}, limit as Partial<JobOptions>));
    expect(error).toMatchObject({ reason: 'limit', job: { exitCode: undefined } });
    expect(error.message).toContain(`at its limit (${option})`);
    expect(error.job?.output).toMatch(/^step 1\nstep 2\n/);
    expect(inspect(error)).not.toContain('step 1');
    expect(JSON.stringify(error)).not.toContain('step 1');
  });

  test('because it prints nothing is stopped.', async () => {
    const world = market();
    const error = await failed(world, begin(world, ticking(2, 59_000), {}, { idleTimeoutMs: 30_000 }));
    expect(error).toMatchObject({ reason: 'idle', job: { output: '', exitCode: undefined } });
    expect(error.message).toMatch(/printed nothing for 30000 ms \(idleTimeoutMs\)$/);
  });

  test.each([
    ['maxDurationMs', 'limit', 'at its limit (maxDurationMs)'],
    ['death', 'ended', 'ended before its job was done'],
  ])(
    'for its %s is known even if its log can never be read, and a warning is logged before.',
    async (why, reason, text) => {
      const lines: string[] = [];
      const logger = {
        error: () => undefined,
        warn: (line: unknown) => void lines.push(String(line)),
        info() {},
        debug() {},
      };
      const world = market({}, { logger, logLevel: 'warn' });
      world.simulator.fail('getSessionLogs', { status: 503 }, Number.POSITIVE_INFINITY);
      const job = begin(world, ticking(1_000, 20_000), {}, { maxDurationMs: 600_000 });
      await job.session;
      if (why === 'death') {
        await world.simulator.advance(120_000);
        world.simulator.machine(1).die();
      }
      const error = await failed(world, job);
      expect(error).toMatchObject({ reason, cause: expect.anything(), job: { output: '' } });
      expect(error.message).toContain(text);
      expect(lines.filter((line) => line.includes('cannot be read'))).toHaveLength(1);
    },
  );

  test('is not idle while its log cannot be read.', async () => {
    const world = market();
    const job = begin(world, ticking(20, 10_000), {}, { idleTimeoutMs: 15_000 });
    for await (const { text } of job) if (text === 'step 2') break;
    world.simulator.fail('getSessionLogs', { status: 503 }, 20);
    expect((await job.result).output).toMatch(/step 20\n$/);
  });

  test('because its node dies ends.', async () => {
    const world = market();
    world.simulator.machine(1).dieAfter(100_000);
    const error = await failed(world, begin(world, ticking(1_000, 10_000)));
    expect(error).toMatchObject({ reason: 'ended' });
    expect(error.message).toMatch(/ended before its job was done \(termination_reason 2\)$/);
    expect(error.job?.output).toMatch(/^step 1\n/);
  });

  test('because nothing runs its command is stopped after two minutes.', async () => {
    const { simulator } = market();
    // The container gets no variables, so its log is that of another program.
    const fetch: typeof globalThis.fetch = (url, init) => {
      const body = typeof init?.body === 'string' ? init.body.replace('"OCTA_JOB":', '"OTHER":') : undefined;
      return simulator.fetch(url, body === undefined ? init : { ...init, body });
    };
    const client = new OctaClient({ apiKey: 'a-key', fetch, clock: simulator.clock, logLevel: 'silent' });
    const world = { simulator, client };
    const job = client.services.mr.run({ node_id: 1, ...image, command: 'work' }, hour);
    const error = await failed(world, job);
    expect(error).toMatchObject({ reason: 'not-run' });
    expect(error.message).toContain('shows no sign of the command; the image needs sh, base64');
  });

  test('to be rented rejects with the error of the rental.', async () => {
    const world = market();
    world.simulator.machine(1).refuse('Node is asleep');
    const job = begin(world, ticking(1, 1));
    const error = await failure(job.result, OctaProvisionRejectedError);
    await expect(job.session).rejects.toBe(error);
    expect(world.simulator.sessions).toEqual([]);
  });

  test('to be stopped names the running session, and keeps its output.', async () => {
    const world = market();
    world.simulator.fail('stopSession', { status: 500 }, 1_000);
    const job = begin(world, ticking(1, 1_000, 4));
    const error = await failure(job.result, OctaSessionError);
    expect(error).toMatchObject({
      reason: 'not-stopped',
      outcome: 'unknown',
      job: { exitCode: 4, output: 'step 1\n' },
    });
    expect(error.rolledBack).toBeUndefined();
    expect(error.running).toEqual(world.simulator.running);
    await expect(job.abort()).rejects.toBe(error);
  });
});

describe('A job ends', () => {
  const whens = [
    ['before its session is ready', (job: MrJob) => Promise.resolve(job)],
    [
      'while it runs',
      async (job: MrJob) => {
        for await (const { text } of job) if (text === 'step 2') break;
      },
    ],
  ] as const;

  describe.each(whens)('%s', (_, reach) => {
    test('by abort().', async () => {
      const world = market();
      const job = begin(world, ticking(1_000, 10_000));
      await reach(job);
      await job.abort();
      expect(world.simulator.running).toEqual([]);
      const [started] = world.simulator.sessions;
      const error = await failure(job.result, OctaAbortError);
      expect(error.rolledBack).toBe(started?.uuid);
      if (started !== undefined) expect(error.outcome).toBe('rejected');
    });

    test('by the signal of the caller.', async () => {
      const world = market();
      const controller = new AbortController();
      const job = begin(world, ticking(1_000, 10_000), {}, { signal: controller.signal });
      await reach(job);
      const reason = new Error('enough');
      controller.abort(reason);
      expect(await failure(job.result, OctaAbortError)).toMatchObject({ cause: reason });
      expect(world.simulator.running).toEqual([]);
    });

    test('by the end of its scope.', async () => {
      const world = market();
      {
        await using job = begin(world, ticking(1_000, 10_000));
        await reach(job);
      }
      expect(world.simulator.running).toEqual([]);
    });

    test('when its client closes with stopSessions.', async () => {
      const world = market();
      const job = begin(world, ticking(1_000, 10_000));
      await reach(job);
      await world.client.close({ stopSessions: true });
      await expect(job.result).rejects.toThrow();
      expect(world.simulator.running).toEqual([]);
    });
  });

  test('with the output so far if it is aborted.', async () => {
    const world = market();
    const job = begin(world, ticking(1_000, 10_000));
    for await (const { text } of job) if (text === 'step 2') break;
    await job.abort(new Error('enough'));
    const error = await failure(job.result, OctaAbortError);
    expect(error.job).toMatchObject({ output: expect.stringMatching(/^step 1\nstep 2\n/), exitCode: undefined });
    expect(inspect(error)).not.toContain('step 1');
    expect(error).toMatchObject({ message: expect.stringMatching(/aborted/), cause: { message: 'enough' } });
  });

  test('by a signal with a time limit, as a timeout.', async () => {
    const world = market();
    const controller = new AbortController();
    const job = begin(world, ticking(1_000, 10_000), {}, { signal: controller.signal });
    for await (const { text } of job) if (text === 'step 1') break;
    controller.abort(new DOMException('too long', 'TimeoutError'));
    expect(await failure(job.result, OctaTimeoutError)).toMatchObject({ outcome: 'rejected' });
    expect(world.simulator.running).toEqual([]);
  });

  test('before its client is closed.', async () => {
    const world = market();
    const job = begin(world, ticking(3, 10_000));
    for await (const { text } of job) if (text === 'step 1') break;
    await world.client.close();
    expect(await job.result).toMatchObject({ exitCode: 0 });
  });

  test('only once: an abort after its end changes nothing.', async () => {
    const world = market();
    const job = begin(world, ticking(1, 1_000));
    await job.result;
    await job.abort();
    expect(await job.result).toMatchObject({ exitCode: 0 });
    await expect(linesOf(job)).resolves.toEqual(['step 1']);
  });
});

test('A job of a closed client rejects, and starts nothing.', async () => {
  const world = market();
  await world.client.close();
  const job = begin(world, ticking(1, 1_000));
  await expect(job.result).rejects.toThrow('the client is closed');
  expect(world.simulator.requests).toEqual([]);
});

test('Without a command function, a simulated machine prints the command.', async () => {
  const { client } = market();
  const job = client.services.mr.run({ node_id: 1, ...image, command: 'nvidia-smi' }, hour);
  expect(await job.result).toMatchObject({ exitCode: 0, output: '$ nvidia-smi\n' });
});

describe('A job that fails while nothing awaits its result', () => {
  const dying: SimulatedCommand = ticking(1_000, 10_000);

  function watched(): { world: Market; warnings: string[] } {
    const warnings: string[] = [];
    const warn = (text: string) => void warnings.push(text);
    const logger = { debug() {}, info() {}, warn, error() {} };
    return { world: market({}, { logger, logLevel: 'warn' }), warnings };
  }

  test('is logged, and causes no unhandled rejection.', async () => {
    const { world, warnings } = watched();
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', listen);
    world.simulator.machine(1).dieAfter(60_000);
    begin(world, dying);
    await world.simulator.advance(600_000);
    await new Promise((resolve) => setTimeout(resolve, 1));
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
    expect(warnings.filter((text) => text.includes('nothing awaits its result'))).toEqual([
      expect.stringMatching(/a job failed, .* OctaSessionError: session .* ended before its job was done/),
    ]);
  });

  test('is not logged if its lines are read, it is aborted, or its result is awaited.', async () => {
    const { world, warnings } = watched();
    world.simulator.machine(1).dieAfter(60_000);
    await expect(linesOf(begin(world, dying))).rejects.toThrow('ended');
    world.simulator.machine(2).job(dying);
    await world.client.services.mr.run({ node_id: 2, ...image, command: 'work' }, hour).abort();
    world.simulator.machine(3).refuse();
    const { result } = world.client.services.mr.run({ node_id: 3, ...image, command: 'work' }, hour);
    await failure(result, OctaProvisionRejectedError);
    expect(warnings.filter((text) => text.includes('nothing awaits its result'))).toEqual([]);
  });
});

test('A simulated command that continues after the end of its session is ended, and prints nothing more.', async () => {
  const world = market();
  const steps: string[] = [];
  const command: SimulatedCommand = async function* (_, { signal }) {
    try {
      yield 'before';
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield 'after';
      steps.push('goes on');
    } finally {
      steps.push('ends');
    }
    return 0;
  };
  const job = begin(world, command, {}, { maxDurationMs: 60_000 });
  const error = await failure(job.result, OctaSessionError);
  expect([error.reason, error.job?.output, steps]).toEqual(['limit', 'before\n', ['ends']]);
});

test('A simulated command that throws prints the error, and its exit code is 1.', async () => {
  const crash: SimulatedCommand = async function* () {
    yield 'before';
    throw new Error('boom');
  };
  expect(await begin(market(), crash).result).toMatchObject({ exitCode: 1, output: 'before\nError: boom\n' });
});

describe('Nothing is sent for', () => {
  const order = { node_id: 1, ...image, command: 'work' };
  test.each<[string, unknown, unknown, RegExp]>([
    [
      'no options',
      order,
      undefined,
      /^run requires a limit: maxSpend, maxDurationMs or both, such as \{ maxDurationMs/,
    ],
    ['no limit', order, {}, /^run requires a limit: maxSpend, maxDurationMs or both/],
    ['an unknown option', order, { ...hour, maxDuration: 1 }, /unknown option "maxDuration" for run/],
    ['a short idle time', order, { ...hour, idleTimeoutMs: 5 }, /^idleTimeoutMs is 5; allowed/],
    ['no job', undefined, hour, /^command is null; allowed: non-empty text/],
    [
      'a variable of the wrapper',
      { ...order, envs: { A: 'b', OCTA_JOB: '1' } },
      hour,
      /^envs has OCTA_JOB, but variables that begin with OCTA_JOB belong to the SDK; use another name$/,
    ],
    ['no command', { node_id: 1, ...image }, hour, /^command is null; allowed: non-empty text/],
    ['an empty command', { ...order, command: ' ' }, hour, /^command is empty; allowed: non-empty text/],
    ['an empty list', { ...order, command: [] }, hour, /^command is empty; allowed/],
    ['a list of empty arguments', { ...order, command: ['', ''] }, hour, /^command is empty; allowed/],
    ['a list with a number', { ...order, command: ['a', 1] }, hour, /^command is an array; allowed/],
    ['a command with NUL', { ...order, command: 'a\0b' }, hour, /^command contains NUL; allowed: .* NUL/],
    ['a long command', { ...order, command: 'x'.repeat(65_537) }, hour, /^command has 65537 bytes; .* at most 64 kB$/],
    [
      'a misspelt field',
      { ...order, result: ['a'] },
      hour,
      /^unknown option "result" for run; did you mean results\?$/,
    ],
    [
      'start_command',
      { ...order, start_command: 'a' },
      hour,
      /^unknown option "start_command".*did you mean command\?$/,
    ],
    ['entrypoint', { ...order, entrypoint: 'a' }, hour, /^unknown option "entrypoint" for run; known: command, files/],
    ['files in a list', { ...order, files: ['a'] }, hour, /^files is an array; allowed: text or Uint8Array by path/],
    ['no path', { ...order, files: { '': '' } }, hour, /^files has a wrong entry ""; allowed: .* larger files$/],
    ['a folder as file', { ...order, files: { 'a/': '' } }, hour, /^files has a wrong entry "a\/"; /],
    ['a path of two lines', { ...order, files: { 'a\nb': '' } }, hour, /^files has a wrong entry "a\\nb"; /],
    ['a file of numbers', { ...order, files: { a: [1] } }, hour, /^files has a wrong entry "a"; /],
    [
      'large files',
      { ...order, files: { a: new Uint8Array(262_144), b: 'x' } },
      hour,
      /^files has 257 kB in all; allowed: .* at most 256 kB in all; let the command download larger files$/,
    ],
    ['results in text', { ...order, results: 'a' }, hour, /^results is the string "a"; allowed: an array of paths/],
    [
      'an empty result',
      { ...order, results: [''] },
      hour,
      /^entry 1 of results is not the path of a file; allowed: an array of paths of files$/,
    ],
    ['no node', { ...image, command: 'work' }, hour, /^rent requires either node_id or candidates; neither is set$/],
    ['no image', { node_id: 1, disk_size: 10, command: 'work' }, hour, /image/],
  ])('%s.', (_, job, options, message) => {
    const { simulator, client } = market();
    const run = () => client.services.mr.run(job as RunMrOptions, options as JobOptions);
    expect(run).toThrow(OctaConfigurationError);
    expect(run).toThrow(message);
    expect(simulator.requests).toEqual([]);
  });
});

describe('A simulated job that no client follows', () => {
  const endless: SimulatedCommand = async function* (_, { sleep }) {
    for (;;) {
      yield 'tick';
      await sleep(60_000);
    }
  };
  const envs = wrap({ command: 'work' }, 'mark');

  test.each([['that is not ready'], ['that sleeps']])('does not move time: one %s.', async (which) => {
    const { simulator, client } = market();
    simulator.machine(1).job(endless);
    if (which === 'that is not ready') simulator.machine(1).neverReady();
    await client.services.mr.start({ node_id: 1, ...image, envs });
    await simulator.advance(600_000);
    const { now } = simulator;
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(simulator.now).toBe(now);
    const logs = await client.services.session(simulator.running[0] ?? '').logs();
    expect(logs.container?.match(/tick/g)?.length ?? 0).toBe(which === 'that sleeps' ? 10 : 0);
  });

  test('ends when the simulator is reset.', async () => {
    const { simulator, client } = market();
    let signal: AbortSignal | undefined;
    simulator.machine(1).job(async function* (_, container) {
      ({ signal } = container);
      yield 'begun';
      await container.sleep(3_600_000);
      return 0;
    });
    await client.services.mr.start({ node_id: 1, ...image, envs });
    await simulator.advance(600_000);
    expect(signal?.aborted).toBe(false);
    simulator.reset();
    expect(signal?.aborted).toBe(true);
  });
});
