// Misspelt on purpose. cspell:ignore Germny
/** `octaspace run` on a simulated market, in virtual time. Processes, terminals and signals are in test/process/cli-run.test.ts. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Interruption, type Io } from '../../../src/cli/io.ts';
import { formatOcta, parseOcta } from '../../../src/index.ts';
import {
  type MachineInit,
  OctaSimulator,
  type OctaSimulatorOptions,
  type SimulatedCommand,
} from '../../../src/testing/index.ts';
import { countOf } from '../../support/market.ts';
import { type Ended, runCli } from './console.ts';

const env = { OCTA_API_KEY: 'key', HERE: 'from here' };
const gpu = 'NVIDIA GeForce RTX 4090';

/** A market of machines, all of which run the same command. */
function market(machines: readonly MachineInit[] = [{ node_id: 1, gpu }], command?: SimulatedCommand) {
  const simulator = new OctaSimulator({ latencyMs: 0, machines, quirks: false });
  for (const { node_id } of machines) if (command !== undefined) simulator.machine(node_id).job(command);
  return simulator;
}

async function run(simulator: OctaSimulator, given: readonly string[], io: Partial<Io> = {}): Promise<Ended> {
  const ended = await runCli(['run', ...given], { env, fetch: simulator.fetch, ...io });
  expect(simulator.running).toEqual([]);
  return ended;
}

const yes = ['--yes', '--max-spend', '2'];
const quiet: SimulatedCommand = async function* (command) {
  yield command;
  return 0;
};

describe('A job', () => {
  test('writes its output to stdout as it is, and everything else to stderr; its exit code is that of the command.', async () => {
    const lines = ['hi', '', '  \u001b[31mred\u001b[0m\t', '日本'];
    const simulator = market(undefined, async function* () {
      yield* lines;
      return 3;
    });
    const { code, stdout, stderr } = await run(simulator, [...yes, '--', 'work']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: `${lines.join('\n')}\n` });
    expect(stderr).toContain('octaspace: starting on node 1 …\n');
    expect(stderr).toContain('octaspace: log: Container started\n');
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(`octaspace: the job cost ${formatOcta(simulator.spent)} OCTA`);
    expect(simulator.spent).toBeGreaterThan(0n);
  });

  test('without an exit code of its own succeeds.', async () => {
    const simulator = market(undefined, async function* () {
      yield 'done';
    });
    expect(await run(simulator, [...yes, '--', 'work'])).toMatchObject({ code: 0, stdout: 'done\n' });
  });

  test('gets its arguments one by one, and its variables.', async () => {
    let seen: unknown;
    const simulator = market(undefined, async function* (command, { envs }) {
      yield 'seen';
      seen = [command, envs.MODE, envs.HERE, envs.EMPTY];
      return 0;
    });
    const given = [
      '-e',
      'MODE= a=b ',
      '--env',
      'HERE',
      '-eEMPTY=',
      '--',
      'sh',
      '-c',
      "echo 'it is'",
      '--json',
      '--help',
    ];
    expect(await run(simulator, [...yes, ...given])).toMatchObject({ code: 0, stdout: 'seen\n' });
    expect(seen).toEqual([`'sh' '-c' 'echo '\\''it is'\\''' '--json' '--help'`, ' a=b ', 'from here', '']);
  });

  test('runs on the next machine if one refuses, and says why.', async () => {
    const simulator = market([1, 2].map((node_id) => ({ node_id, gpu, priceWeiPerHour: parseOcta(String(node_id)) })));
    simulator.machine(1).refuse('Node is \u001b[2K busy');
    const { code, stderr } = await run(simulator, [...yes, '--', 'work']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/octaspace: node 1 refused: .*Node is \\u001b\[2K busy\noctaspace: starting on node 2 …\n/);
  });

  test('ends with 125 if every machine refuses.', async () => {
    const simulator = market();
    simulator.machine(1).refuse('Node is busy', 9);
    const { code, stdout, stderr } = await run(simulator, [...yes, '--', 'work']);
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' });
    expect(stderr).toMatch(/\noctaspace: .*refused: node 1: Node is busy\n$/);
  });

  test('is stopped at its limits and when it is idle, with 125; the output so far was written.', async () => {
    const forever: SimulatedCommand = async function* (_, { sleep }) {
      yield 'begun';
      await sleep(1e9);
      return 0;
    };
    const price = { priceWeiPerHour: parseOcta('1') };
    const cases: [given: string[], message: RegExp, atMost: string][] = [
      [['--max-minutes', '5'], / was stopped at its limit \(--max-minutes\)\n$/, '0.1'],
      [['--max-spend', '0.05'], / was stopped at its limit \(--max-spend\)\n$/, '0.05'],
      [['--max-spend', '0.05', '--max-minutes', '60'], / was stopped at its limit \(--max-spend\)\n$/, '0.05'],
      [['--max-spend', '2', '--idle-minutes', '3'], /printed nothing for 180000 ms \(--idle-minutes\)\n$/, '0.1'],
    ];
    for (const [given, message, atMost] of cases) {
      const simulator = market([{ node_id: 1, ...price }], forever);
      const { code, stdout, stderr } = await run(simulator, ['--yes', ...given, '--', 'work']);
      expect({ code, stdout }).toEqual({ code: 125, stdout: 'begun\n' });
      expect(stderr).toMatch(message);
      expect(stderr).toContain(`octaspace: the job cost ${formatOcta(simulator.spent)} OCTA\n`);
      expect(simulator.spent).toBeLessThanOrEqual(parseOcta(atMost));
    }
  });

  test('that costs more than its machine was listed for is stopped at the "at most" of the quote.', async () => {
    const forever: SimulatedCommand = async function* (_, { sleep }) {
      yield 'begun';
      await sleep(1e9);
      return 0;
    };
    const fields = { total_price_wei: parseOcta('0.1'), storage_usd: 0 };
    const simulator = market([{ node_id: 1, priceWeiPerHour: parseOcta('1'), fields }], forever);
    const { stderr } = await run(simulator, ['--yes', '--max-minutes', '60', '--', 'work']);
    expect(stderr).toContain('the job costs at most 0.1017 OCTA');
    expect(stderr).toMatch(/ was stopped at its limit \(the "at most" of the quote\)\n$/);
    expect(simulator.spent).toBeLessThanOrEqual(parseOcta('0.1017'));
  });

  test('whose machine is not ready in time names --ready-minutes.', async () => {
    const simulator = new OctaSimulator({ latencyMs: 0, machines: [{ node_id: 1 }], quirks: false, readyAfterMs: 1e9 });
    const { code, stderr } = await run(simulator, [...yes, '--ready-minutes', '0.5', '--', 'work']);
    expect(code).toBe(125);
    expect(stderr).toMatch(/ was not ready within 30000 ms \(--ready-minutes\)/);
  });

  test('that an interruption ends is stopped, and ends with the exit code of the signal and the charge.', async () => {
    const ending = new AbortController();
    const simulator = market(undefined, async function* (_, { sleep }) {
      yield 'begun';
      await sleep(60_000);
      ending.abort(new Interruption('SIGTERM'));
      await sleep(1e9);
      return 0;
    });
    const { code, stdout, stderr } = await run(simulator, [...yes, '--', 'work'], { signal: ending.signal });
    expect({ code, stdout }).toEqual({ code: 143, stdout: 'begun\n' });
    const cost = `octaspace: the job cost ${formatOcta(simulator.spent)} OCTA\n`;
    expect(stderr.endsWith(`${cost}octaspace: ended by SIGTERM\n`)).toBe(true);
  });

  test('whose session cannot be stopped is named, and ends with 125, also after a signal.', async () => {
    const ending = new AbortController();
    const simulator = market(undefined, async function* (_, { sleep }) {
      yield 'begun';
      await sleep(60_000);
      ending.abort(new Interruption('SIGINT'));
      await sleep(1e9);
      return 0;
    });
    simulator.fail('stopSession', { status: 500 }, Number.POSITIVE_INFINITY);
    const given = ['run', ...yes, '--', 'work'];
    const { code, stderr } = await runCli(given, { env, fetch: simulator.fetch, signal: ending.signal });
    expect(code).toBe(125);
    const { uuid } = simulator.sessions[0] ?? {};
    const message = `octaspace: session ${uuid} could not be stopped; it may still run and cost money`;
    expect(stderr.endsWith(`\n${message}; stop it with octaspace stop ${uuid}\n`)).toBe(true);
  });
});

describe('A result', () => {
  test('is not written through a link that leaves the folder, even if the link is made while the job runs.', async () => {
    const folder = mkdtempSync(join('node_modules', '.octaspace-run-'));
    const outside = mkdtempSync(join(tmpdir(), 'octaspace-run-'));
    const [evil, good] = [`${folder}/out/evil.txt`, `${folder}/in/good.txt`];
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'in'));
    const simulator = market(undefined, async function* (_, { files }) {
      yield 'begun';
      for (const path of [evil, good]) files.set(path, new Uint8Array(1));
      symlinkSync(outside, join(folder, 'out'));
      return 0;
    });
    const results = [evil, good].flatMap((path) => ['--result', path]);
    const { code, stderr } = await run(simulator, [...yes, ...results, '--', 'work']);
    expect(code).toBe(125);
    expect(stderr).toContain(`octaspace: saved ${good}\n`);
    const why = `because "${folder}/out" is a link that leaves this folder`;
    expect(stderr.endsWith(`\noctaspace: result "${evil}" was not saved, ${why}\n`)).toBe(true);
    expect(stderr).toContain('octaspace: the job cost ');
    expect(existsSync(join(outside, 'evil.txt'))).toBe(false);
    expect(existsSync(join(folder, 'real/good.txt'))).toBe(true);
    rmSync(folder, { recursive: true });
    rmSync(outside, { recursive: true });
  });
});

describe('A start of unknown outcome', () => {
  const lost = (options: OctaSimulatorOptions = {}) => {
    const simulator = new OctaSimulator({ latencyMs: 0, machines: [{ node_id: 1 }], quirks: false, ...options });
    simulator.fail('startMr', { lost: 'after' });
    return simulator;
  };
  const advice = (leaseId = '') =>
    `octaspace: a session with lease id ${leaseId} may run and cost money, because the outcome of its start is unknown; look for it with octaspace sessions, and end it with octaspace stop UUID\n`;

  test('that a signal interrupts is named by its lease id, with what to do.', async () => {
    const ending = new AbortController();
    const simulator = lost({ lag: { listsMs: 300_000 } });
    const given = ['run', ...yes, '--', 'work'];
    const ended = runCli(given, { env, fetch: simulator.fetch, signal: ending.signal });
    await simulator.advance(5_000);
    ending.abort(new Interruption('SIGINT'));
    const { code, stderr } = await ended;
    expect(simulator.running).toHaveLength(1);
    expect(code).toBe(130);
    expect(stderr).toContain(advice(simulator.sessions[0]?.leaseId));
    expect(stderr).toMatch(/\noctaspace: ended by SIGINT\n$/);
  });

  test('is named the same way without a signal, with octaspace reap if there is a ledger, and the sessions that it may be.', async () => {
    const ledger = mkdtempSync(join(tmpdir(), 'octaspace-run-'));
    // The ledger is written in real time.
    const simulator = lost({ hideVariables: true, speed: 60 });
    const given = ['run', ...yes, '--json', '--ledger', ledger, '--', 'work'];
    const { code, stderr } = await runCli(given, { env, fetch: simulator.fetch });
    rmSync(ledger, { recursive: true });
    expect(code).toBe(125);
    const [session] = simulator.sessions;
    expect(stderr).toContain(`a session with lease id ${session?.leaseId} may run`);
    expect(stderr).toContain(`unknown; it may be ${session?.uuid};`);
    expect(stderr).toContain(`or run octaspace reap --ledger ${ledger}`);
  });
});

describe('The quote', () => {
  const shown = async (machines: readonly MachineInit[], ...given: string[]) =>
    (await run(market(machines, quiet), ['--yes', ...given, '--', 'work'])).stderr;

  test('shows the machine, its price, and what the job costs at most, on any of the machines.', async () => {
    const machines = [
      { node_id: 1, gpu, gpus: 2, country: 'Po\u001bland', priceWeiPerHour: parseOcta('2') },
      { node_id: 2, gpu, priceWeiPerHour: parseOcta('6') },
    ].map((machine) => ({ ...machine, fields: { storage_usd: 0 } }));
    const stderr = await shown(machines, '--max-minutes', '59', '--disk', '7');
    const usd = String.raw`\d+\.\d+ USD`;
    const price = String.raw`${usd} \(2\.0000 OCTA\) per hour, with 7 GB of disk`;
    expect(stderr).toMatch(new RegExp(`^octaspace: node 1: 2 × ${gpu}, Po\\\\u001bland; ${price}\n`));
    expect(stderr).toMatch(new RegExp(`\noctaspace: if it refuses: 1 other machine, up to ${usd} per hour\n`));
    // One minute more, for the stop.
    expect(stderr).toMatch(
      new RegExp(`\noctaspace: the job costs at most 6 OCTA \\(${usd}\\), for 59 minutes at most\n`),
    );
    expect(await shown(machines, '--max-minutes', '59', '--max-spend', '0.5')).toMatch(
      new RegExp(`at most 0\\.5 OCTA \\(${usd}\\), for 15 minutes at most\n`),
    );
    expect(await shown(machines, '--max-spend', '20')).toContain('for 10 hours at most\n');
    expect(await shown(machines, '--max-spend', '0.02')).toContain('for 36 seconds at most\n');
  });

  test('ranks by what the job costs in all, with the disk.', async () => {
    const machines = [
      { node_id: 1, totalPriceUsd: 0.3, fields: { storage_usd: 100 } },
      { node_id: 2, totalPriceUsd: 0.4, fields: { storage_usd: 1 } },
    ];
    expect(await shown(machines, '--max-minutes', '60', '--disk', '5')).toContain('octaspace: node 1:');
    expect(await shown(machines, '--max-minutes', '60', '--disk', '20')).toContain('octaspace: node 2:');
  });

  test('leaves out machines whose price cannot be read, or that have too little disk.', async () => {
    const machines = [
      { node_id: 1, totalPriceUsd: null, fields: { total_price_wei: undefined } },
      { node_id: 2, totalPriceUsd: 0.1, free_disk: 19e9 },
      { node_id: 3, totalPriceUsd: 0.2, free_disk: 21e9 },
    ];
    expect(await shown(machines, '--max-spend', '1')).toMatch(/^octaspace: node 3: .*\noctaspace: the job costs/);
  });

  test('--vram counts 1 GB as 1000 MB.', async () => {
    const machines = [
      { node_id: 1, gpu, mem_total_mb: 23_999, totalPriceUsd: 0.1 },
      { node_id: 2, gpu, mem_total_mb: 24_000, totalPriceUsd: 0.2 },
    ];
    expect(await shown(machines, '--max-spend', '1', '--gpu', '4090', '--vram', '24')).toContain('octaspace: node 2:');
  });

  test('leaves out machines above --max-usd-per-hour, compared with the price that it shows, with the disk.', async () => {
    const machines = [
      { node_id: 1, gpu, totalPriceUsd: 0.3, fields: { storage_usd: 50 } },
      { node_id: 2, gpu, totalPriceUsd: 0.4, fields: { storage_usd: 50 } },
    ];
    const limited = (...given: string[]) => shown(machines, '--max-spend', '1', '--disk', '10', ...given);
    const [, first] = /^octaspace: node 1: .*; (\d\.\d{4}) USD /.exec(await limited()) ?? [];
    expect(Number(first)).toBeGreaterThan(0.3);
    expect(await limited('--max-usd-per-hour', String(first))).toMatch(
      /^octaspace: node 1: .*\noctaspace: the job costs/,
    );
    const below = String(Number(first) - 0.0001);
    expect(await limited('--max-usd-per-hour', below)).toMatch(
      new RegExp(`at most ${below} USD per hour\\); lowest price: ${first} USD per hour\n$`),
    );
  });
});

describe('Without a machine that meets the criteria', () => {
  const machines = [
    { node_id: 1, gpu, mem_total_mb: 24_000, country: 'Germany', country_iso: 'DE', free_disk: 500e9 },
    { node_id: 2, gpu: 'NVIDIA A100', mem_total_mb: 80_000, country: 'Poland', country_iso: 'PL', free_disk: 90.9e9 },
  ];
  test.each<[given: string, message: string]>([
    ['--gpu 5090 --country DE', `GPU 5090, country DE, 20 GB of disk); available GPUs: NVIDIA A100, ${gpu}`],
    ['--gpu 4090 --country XX', 'GPU 4090, country XX, 20 GB of disk); available countries: Germany, Poland'],
    ['--gpu 4090 --country Germny', 'GPU 4090, country Germny, 20 GB of disk); available countries: Germany, Poland'],
    ['--vram 2000', '2000 GB of video memory, 20 GB of disk); most video memory of one GPU: 80 GB'],
    ['--gpu 4090 --disk 1000000', 'GPU 4090, 1000000 GB of disk); largest free disk: 500 GB'],
    [
      '--vram 2000 --country XX',
      '2000 GB of video memory, country XX, 20 GB of disk); most video memory of one GPU: 80 GB; available countries: Germany, Poland',
    ],
    [
      '--gpu 4090 --country PL',
      `GPU 4090, country PL, 20 GB of disk); available GPUs with the other criteria: NVIDIA A100; available countries with the other criteria: Germany`,
    ],
    [
      '--gpu A100 --disk 91',
      `GPU A100, 91 GB of disk); available GPUs with the other criteria: ${gpu}; largest free disk with the other criteria: 90 GB`,
    ],
  ])('%s: the error says what there is instead.', async (given, message) => {
    const { code, stderr } = await run(market(machines), [...yes, ...given.split(' '), '--', 'work']);
    const whole = `octaspace: no machine with a readable price meets the criteria (${message}\n`;
    expect({ code, stderr }).toEqual({ code: 125, stderr: whole });
  });

  test.each<[machines: MachineInit[], message: string]>([
    [[], 'no machine is available now'],
    [[{ node_id: 1, totalPriceUsd: null, fields: { total_price_wei: undefined } }], 'no machine has a readable price'],
  ])('%j: the error says so.', async (all, message) => {
    const { code, stderr } = await run(market(all), [...yes, '--', 'work']);
    expect({ code, stderr }).toEqual({ code: 125, stderr: `octaspace: ${message}\n` });
  });
});

describe('The question', () => {
  const answering = (answer: string) => {
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return answer;
    };
    return { asked, ask };
  };

  test.each([
    ['y', true],
    [' YES ', true],
    ['n', false],
    ['', false],
    ['yeah', false],
  ])('%j: %j', async (answer, isRun) => {
    const { ask, asked } = answering(answer);
    const simulator = market();
    const { code, stderr } = await run(simulator, ['--max-spend', '2', '--', 'work'], { ask });
    expect(asked).toEqual(['Rent it, and run the command? [y/N] ']);
    expect(code).toBe(isRun ? 0 : 125);
    expect(countOf(simulator, 'startMr')).toBe(isRun ? 1 : 0);
    if (!isRun) expect(stderr).toMatch(/the job costs at most .*\noctaspace: not confirmed; nothing was rented\n$/);
  });

  test('is not asked with --yes.', async () => {
    const { ask, asked } = answering('n');
    expect((await run(market(), [...yes, '--', 'work'], { ask })).code).toBe(0);
    expect(asked).toEqual([]);
  });

  test('that nobody can be asked is misuse, and nothing is sent.', async () => {
    const simulator = market();
    const { ask } = answering('y');
    const plain = await run(simulator, ['--max-spend', '2', '--', 'work']);
    const message = (reason: string) => `cannot ask ${reason}; add --yes to rent without asking`;
    expect(plain).toEqual({ code: 2, stdout: '', stderr: `octaspace: ${message('without a terminal')}\n` });
    const json = await run(simulator, ['--max-spend', '2', '--json', '--', 'work'], { ask });
    expect(JSON.parse(json.stderr)).toEqual({
      error: { name: 'Misuse', message: message('with --json'), exitCode: 2 },
    });
    expect(simulator.requests).toEqual([]);
  });

  test('that a signal interrupts rents nothing.', async () => {
    const ending = new AbortController();
    const ask = async () => {
      ending.abort(new Interruption('SIGINT'));
      return '';
    };
    const simulator = market();
    const { code, stderr } = await run(simulator, ['--max-spend', '2', '--', 'work'], { ask, signal: ending.signal });
    expect({ code, starts: countOf(simulator, 'startMr') }).toEqual({ code: 130, starts: 0 });
    expect(stderr).toMatch(/\noctaspace: ended by SIGINT\n$/);
  });
});

describe('With --json', () => {
  const objectsIn = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  test('stdout has the quote, each line of output, and the result; stderr has the progress.', async () => {
    const simulator = market(undefined, async function* () {
      yield 'one\u001b';
      yield 'two';
      return 4;
    });
    const { code, stdout, stderr } = await run(simulator, [...yes, '--json', '--', 'work']);
    expect(code).toBe(4);
    const money = expect.stringMatching(/^\d+$/);
    const usd = expect.any(Number);
    const figures = { usdPerHour: usd, weiPerHour: money, atMostWei: String(parseOcta('2')), atMostUsd: usd };
    const [session] = simulator.sessions;
    expect(objectsIn(stdout)).toEqual([
      {
        event: 'quote',
        nodeId: 1,
        machine: expect.stringContaining(gpu),
        country: expect.any(String),
        candidates: [1],
        ...figures,
      },
      { event: 'output', text: 'one\u001b' },
      { event: 'output', text: 'two' },
      {
        event: 'result',
        exitCode: 4,
        session: session?.uuid,
        chargeWei: String(simulator.spent),
        durationMs: expect.any(Number),
        results: [],
        missing: [],
        simulated: false,
      },
    ]);
    for (const line of objectsIn(stderr)) expect(line).toEqual({ level: 'info', message: expect.any(String) });
  });

  test('a failure is an error with its exit code.', async () => {
    const simulator = market(undefined, async function* (_, { sleep }) {
      yield 'begun';
      await sleep(1e9);
      return 0;
    });
    const { code, stdout, stderr } = await run(simulator, ['--yes', '--json', '--max-minutes', '3', '--', 'work']);
    expect({ code, events: objectsIn(stdout).map(({ event }) => event) }).toEqual({
      code: 125,
      events: ['quote', 'output'],
    });
    expect(objectsIn(stderr).at(-1)).toEqual({
      error: { name: 'OctaSessionError', message: expect.stringContaining('(--max-minutes)'), exitCode: 125 },
    });
  });
});

test('The charge is said to be unknown if the API does not say it.', async () => {
  const simulator = market(undefined, async function* (_, { sleep }) {
    yield 'begun';
    simulator.fail('listSessions', { status: 200, body: [] }, Number.POSITIVE_INFINITY);
    await sleep(1e9);
    return 0;
  });
  const { code, stderr } = await run(simulator, [...yes, '--idle-minutes', '1', '--', 'work']);
  expect(code).toBe(125);
  expect(stderr).toContain('octaspace: the API does not say what the job cost\n');
});

describe('Misuse', () => {
  const work = ['--', 'work'];
  const advice = 'write the command after --, as in octaspace run --max-spend 2 -- python train.py';
  const limit = 'an amount of OCTA above 0, such as 2 or 0.5';
  const cases: [given: string[], message: string][] = [
    [['--yes', ...work], 'missing limit; set --max-spend, in OCTA, or --max-minutes, or both'],
    [yes, `missing command; ${advice}`],
    [[...yes, '--'], `missing command; ${advice}`],
    [[...yes, 'python', 'x.py'], `unexpected argument "python"; ${advice}`],
    [[...yes, 'python', '--', 'x.py'], `unexpected argument "python"; ${advice}`],
    [['--max-spend', '0', ...work], `--max-spend is "0"; allowed: ${limit}`],
    [['--max-spend', '2 OCTA', ...work], `--max-spend is "2 OCTA"; allowed: ${limit}`],
    [['--max-spend', '-1', ...work], `--max-spend is "-1"; allowed: ${limit}`],
    [['--max-minutes', '0', ...work], '--max-minutes is "0"; allowed: a number above 0'],
    [[...yes, '--disk', '0', ...work], '--disk is "0"; allowed: a whole number of GB, 1 or more'],
    [[...yes, '--vram', '24GB', ...work], '--vram is "24GB"; allowed: a number above 0'],
    [[...yes, '--idle-minutes', '0', ...work], '--idle-minutes is "0"; allowed: a number of minutes, 0.1 or more'],
    [
      [...yes, '-e', '1A=secret', ...work],
      '--env is "1A=…"; allowed: NAME=VALUE, or the name of a variable that is set in your shell',
    ],
    [
      [...yes, '-e', 'NOT_HERE', ...work],
      '--env is "NOT_HERE", but the variable is not set in your shell; write NAME=VALUE',
    ],
    [
      [...yes, '--file', '/etc/hosts', ...work],
      '--file is "/etc/hosts"; allowed: a path below this folder, such as data/train.py',
    ],
    [
      [...yes, '--result', 'a/../../b', ...work],
      '--result is "a/../../b"; allowed: a path below this folder, such as data/train.py',
    ],
    [
      [...yes, '-e', 'OCTA_LEASE_ID=1', ...work],
      '--env is "OCTA_LEASE_ID=…", but octaspace sets this variable itself; use another name',
    ],
    [
      [...yes, '-e', 'OCTA_JOB=1', ...work],
      '--env has OCTA_JOB, but variables that begin with OCTA_JOB belong to the SDK; use another name',
    ],
    [[...yes, '--max-spend', '3', ...work], '--max-spend is given more than once; it takes one value'],
    [[...yes, '--max-usd-per-hour', '0', ...work], '--max-usd-per-hour is "0"; allowed: a number above 0'],
    [[...yes, '--simulate', '5', ...work], 'unexpected argument "5"; write --simulate=5'],
    [[...yes, '--simulate', 'five', ...work], 'unexpected argument "five"; write --simulate=five'],
    [[...yes, '--simulate', '5', 'work'], 'unexpected argument "5"; write --simulate=5'],
    [[...yes, '--simulate', 'python', 'x.py'], `unexpected argument "python"; ${advice}`],
    [[...yes, '--simulate=1', '--simulate=2', ...work], '--simulate is given more than once; it takes one value'],
    [
      [...yes, '--', ''],
      'the command is empty; allowed: non-empty text or array of arguments, without NUL, at most 64 kB',
    ],
    [[...yes, '--yes=no', ...work], '--yes does not take a value'],
    [[...yes, '--gpus', '2', ...work], 'unknown option "--gpus" for run; did you mean --gpu?'],
    [[...yes, '--simulate', '--ledger', '.', ...work], '--ledger cannot be used with --simulate'],
    [[...yes, '--simulate=', ...work], '--simulate is empty'],
  ];
  test.each(cases)('%j', async (given, message) => {
    const simulator = market();
    expect(await run(simulator, given)).toEqual({ code: 2, stdout: '', stderr: `octaspace: ${message}\n` });
    expect(simulator.requests).toEqual([]);
  });

  test('A result below a link that leaves the folder.', async () => {
    const folder = mkdtempSync(join('node_modules', '.octaspace-run-'));
    const outside = mkdtempSync(join(tmpdir(), 'octaspace-run-'));
    symlinkSync(outside, join(folder, 'out'));
    symlinkSync(join(outside, 'none'), join(folder, 'dangling'));
    for (const [path, link] of [
      ['out/evil.txt', 'out'],
      ['out/more/evil.txt', 'out'],
      ['dangling', 'dangling'],
    ] as const) {
      const { code, stderr } = await run(market(), [...yes, '--result', `${folder}/${path}`, ...work]);
      const why = `"${folder}/${link}" is a link that leaves this folder`;
      const message = `--result is "${folder}/${path}", but ${why}; allowed: a path below this folder, such as data/train.py`;
      expect({ code, stderr }).toEqual({ code: 2, stderr: `octaspace: ${message}\n` });
    }
    rmSync(folder, { recursive: true });
    rmSync(outside, { recursive: true });
  });

  test('A file that is not there.', async () => {
    const { code, stderr } = await run(market(), [...yes, '--file', 'not-there.py', ...work]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^octaspace: --file is "not-there\.py", which cannot be read: ENOENT/);
  });

  test('Files that are too large, or a command, are refused before anybody is asked.', async () => {
    // Paths are below the working directory.
    const folder = mkdtempSync(join('node_modules', '.octaspace-run-'));
    const [full, one, large] = ['full', 'one', 'large'].map((name) => join(folder, name)) as [string, string, string];
    writeFileSync(full, Buffer.alloc(256 * 1024));
    writeFileSync(one, 'x');
    writeFileSync(large, '');
    truncateSync(large, 2 ** 40);
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return 'n';
    };
    const simulator = market();
    const refusal = async (...given: string[]) => {
      const { code, stderr } = await run(simulator, ['--max-spend', '2', ...given], { ask });
      return code === 2 ? stderr : undefined;
    };
    const message = (path: string) =>
      `octaspace: --file is "${path}"; allowed: at most 256 kB in all files together; load larger ones from a URL\n`;
    expect(await refusal('--file', full, '--file', one, ...work)).toBe(message(one));
    expect(await refusal('--file', large, ...work)).toBe(message(large));
    expect(await refusal('--', 'x'.repeat(64 * 1024 + 1))).toContain('at most 64 kB');
    expect(simulator.requests).toEqual([]);
    expect(asked).toEqual([]);
    // As much as is allowed: the same as what the client allows.
    expect(await refusal('--file', full, '--file', full, ...work)).toBeUndefined();
    expect(asked.length).toBe(1);
    rmSync(folder, { recursive: true });
  });

  test('A job needs a key, and what the SDK refuses is misuse.', async () => {
    const keyless = await runCli(['run', ...yes, ...work]);
    expect(keyless).toMatchObject({ code: 2, stderr: expect.stringContaining('OCTA_API_KEY is not set') });
    const { code, stderr } = await run(market(), [...yes, '--gpu', '?', ...work]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('gpu') });
  });
});
