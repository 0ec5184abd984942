/** `octaspace run` as a process: signals, pipes and terminals, on a simulator that is served, and with --simulate. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatOcta } from '../../src/index.ts';
import { fileLedger } from '../../src/node/index.ts';
import { OctaSimulator, type SimulatedCommand } from '../../src/testing/index.ts';
import { type Built, buildPrograms } from '../support/built.ts';
import { eventually as eventuallyWithin, processesOf, programKey, startProgram } from '../support/exits/run.ts';

const patient = { timeout: 60_000 };

let built: Built;
let folder: string;
beforeAll(async () => {
  built = await buildPrograms();
  folder = mkdtempSync(join(tmpdir(), 'octaspace-run-test-'));
}, patient.timeout);
afterAll(async () => {
  try {
    await eventually(() => processesOf(built).length === 0, 'the end of all processes');
  } finally {
    // Those of a test that has failed.
    for (const { pid } of processesOf(built)) process.kill(pid, 'SIGKILL');
  }
  await built[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}, patient.timeout);

/** Several processes run at a time, so each may take a while. */
function eventually(isSo: () => boolean, what: string): Promise<void> {
  return eventuallyWithin(isSo, what, 45_000);
}

/** A market on a port, whose machine runs a command. */
async function serve(command: SimulatedCommand) {
  const simulator = new OctaSimulator({ latencyMs: 1, readyAfterMs: 0, machines: [{ node_id: 1 }] });
  simulator.machine(1).job(command);
  const server = await simulator.listen();
  const env = { OCTA_API_KEY: programKey, OCTA_BASE_URL: server.url };
  return { simulator, env, [Symbol.asyncDispose]: () => server.close() };
}

const begun: SimulatedCommand = async function* (_, { sleep: rest }) {
  yield 'begun';
  await rest(3_600_000);
  return 0;
};

const real = ['run', '--yes', '--max-spend', '2'];
const simulated = ['run', '--simulate', '--gpu', '4090', '--max-spend', '2'];
const failing = ['--', 'sh', '-c', 'echo hi; exit 3'];

/** Whether a process runs, and does not just wait for its parent to notice its end. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Quoted for a shell. */
function line(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** Runs the command in a terminal of its own, and types into it once it asks. */
async function inTerminal(given: readonly string[], env: NodeJS.ProcessEnv = {}, typed = '') {
  const command = line([process.execPath, built.path('cli'), ...given]);
  const { OCTA_API_KEY: _, OCTA_BASE_URL: __, ...rest } = process.env;
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...rest, ...env }, cwd: folder });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const hadAsked = text.includes('[y/N] ');
    text += chunk;
    if (!hadAsked && text.includes('[y/N] ')) child.stdin.write(typed);
  });
  const [code] = await once(child, 'close');
  return { code: code as unknown, text: text.replaceAll('\r\n', '\n') };
}

describe.concurrent('octaspace run', patient, () => {
  test('runs a job over HTTP; no secret is in its output or its arguments.', async () => {
    await using market = await serve(async function* (command, { files, envs }) {
      yield `${command} ${envs.MODE} ${new TextDecoder().decode(files.get('data/in.txt'))}`;
      files.set('out/result.bin', Uint8Array.of(0, 255, 10));
      return 7;
    });
    const work = mkdtempSync(join(folder, 'files-'));
    const given = ['-e', 'MODE=fast', '--file', 'data/in.txt', '--result', 'out/result.bin', '--result', 'none'];
    const command = [process.execPath, built.path('cli'), ...real, ...given, '--', 'work'];
    const shell = ['sh', '-c', 'cd "$1" && mkdir data && printf input > data/in.txt && shift && exec "$@"', 'sh', work];
    const [program = '', ...words] = [...shell, ...command];
    const child = spawn(program, words, { env: { ...process.env, ...market.env } });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (texts[name] += chunk));
    const [code] = await once(child, 'close');
    expect({ code, stdout: texts.stdout }).toEqual({ code: 7, stdout: "'work' fast input\n" });
    expect(readFileSync(join(work, 'out/result.bin'))).toEqual(Buffer.of(0, 255, 10));
    expect(texts.stderr).toContain('octaspace: saved out/result.bin\n');
    expect(texts.stderr).toContain('octaspace: result "none" was not received: missing\n');
    expect(texts.stderr).toContain(`octaspace: the job cost ${formatOcta(market.simulator.spent)} OCTA\n`);
    expect(texts.stderr).not.toContain(programKey);
    expect(market.simulator.running).toEqual([]);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s stops the session, and ends with %i.', async (signal, want) => {
    await using market = await serve(begun);
    const program = startProgram(built.path('cli'), [...real, '--', 'work'], market.env);
    await eventually(() => program.stdout() === 'begun\n', 'the output');
    // As tools such as npx do, which pass on what the terminal has sent already.
    program.child.kill(signal);
    program.child.kill(signal);
    const { code, stderr } = await program.closed;
    expect({ code, running: market.simulator.running }).toEqual({ code: want, running: [] });
    const cost = formatOcta(market.simulator.spent);
    expect(stderr.endsWith(`octaspace: the job cost ${cost} OCTA\noctaspace: ended by ${signal}\n`)).toBe(true);
  });

  test('A second signal ends it immediately, and its reaper stops the session.', async () => {
    await using market = await serve(begun);
    const program = startProgram(built.path('cli'), [...real, '--', 'work'], market.env);
    await eventually(() => program.stdout() === 'begun\n', 'the output');
    const fault = market.simulator.fail('stopSession', { status: 503 }, Number.POSITIVE_INFINITY);
    program.child.kill('SIGINT');
    await eventually(() => fault.hits > 0, 'the stop');
    await sleep(1_100);
    program.child.kill('SIGINT');
    await program.exited;
    expect(program.child.signalCode).toBe('SIGINT');
    expect(market.simulator.running).toHaveLength(1);
    fault.remove();
    await eventually(() => market.simulator.running.length === 0, 'the end of the session');
    await program.closed;
  });

  test('The session is also stopped after kill -9.', async () => {
    await using market = await serve(begun);
    const program = startProgram(built.path('cli'), [...real, '--', 'work'], market.env);
    await eventually(() => program.stdout() === 'begun\n', 'the output');
    program.child.kill('SIGKILL');
    await eventually(() => market.simulator.running.length === 0, 'the end of the session');
    expect((await program.closed).stderr).toMatch(/octaspace: process \d+ died: stopping 1 session …\n/);
  });

  test('A reader that has gone away stops the session.', async () => {
    await using market = await serve(async function* (_, { sleep: rest }) {
      for (let step = 1; ; step++) {
        yield `step ${step}`;
        await rest(100);
      }
    });
    const program = startProgram(built.path('cli'), [...real, '--', 'work'], market.env);
    await eventually(() => program.stdout() !== '', 'the output');
    program.child.stdout?.destroy();
    const { code, stderr } = await program.closed;
    expect({ code, running: market.simulator.running }).toEqual({ code: 141, running: [] });
    expect(stderr).toMatch(/\noctaspace: the job cost [\d.]+ OCTA\noctaspace: standard output was closed\n$/);
  });

  test('--ledger stores the lease while it runs, and not longer.', async () => {
    await using market = await serve(begun);
    const ledger = join(folder, 'ledger');
    const program = startProgram(built.path('cli'), [...real, '--ledger', ledger, '--', 'work'], market.env);
    await eventually(() => program.stdout() === 'begun\n', 'the output');
    const leases = async () => (await fileLedger(ledger).list()).filter((record) => 'leaseId' in record);
    // That the session runs is written down behind the start.
    while ((await leases())[0]?.state !== 'running') await sleep(10);
    expect(await leases()).toMatchObject([{ uuid: market.simulator.running[0] }]);
    program.child.kill('SIGTERM');
    await program.closed;
    expect(await leases()).toEqual([]);
  });

  test('asks at the terminal, and rents only after a yes.', async () => {
    await using market = await serve(async function* () {
      yield 'hi';
      return 3;
    });
    const given = ['run', '--max-spend', '2', '--', 'work'];
    const no = await inTerminal(given, market.env, '\n');
    expect(no).toEqual({ code: 125, text: expect.stringMatching(/not confirmed; nothing was rented\n$/) });
    const interrupted = await inTerminal(given, market.env, '\u0003');
    expect(interrupted).toEqual({ code: 130, text: expect.stringMatching(/ended by SIGINT\n$/) });
    expect(market.simulator.sessions).toEqual([]);
    const { code, text } = await inTerminal(given, market.env, 'y\n');
    expect({ code, text }).toEqual({ code: 3, text: expect.stringMatching(/\[y\/N\] y\n.*\nhi\n.*the job cost/s) });
    const closed = startProgram(built.path('cli'), given, market.env);
    expect(await closed.closed).toMatchObject({ code: 2, stdout: '' });
  });
});

describe.concurrent('octaspace run --simulate', patient, () => {
  test('prints the output of the command in a pipe, ends with its exit code, and says the charge.', async () => {
    const { code, stdout, stderr } = await startProgram(built.path('cli'), [...simulated, ...failing], {}).closed;
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'hi\n' });
    expect(stderr).toMatch(/^octaspace: simulated: rents nothing and costs nothing; /);
    expect(stderr).toMatch(/: NVIDIA GeForce RTX 4090, .*\noctaspace: the job cost 0\.\d+ OCTA \(simulated\)\n$/s);
  });

  test('does the same in a terminal, and asks nothing.', async () => {
    const { code, text } = await inTerminal([...simulated, ...failing]);
    expect(code).toBe(3);
    expect(text).toMatch(/\nhi\noctaspace: .*the job cost 0\.\d+ OCTA \(simulated\)\n$/s);
    expect(text).not.toContain('[y/N]');
  });

  test('runs the command in a folder with only its files, and without the variables of the SDK.', async () => {
    const work = mkdtempSync(join(folder, 'simulate-'));
    writeFileSync(join(work, 'sent.txt'), 'sent\n');
    writeFileSync(join(work, 'kept.txt'), 'kept\n');
    const script = [
      'ls; cat sent.txt >&2; echo "$MODE $OCTA_API_KEY."; cat; mkdir out; printf made > out/made; rm sent.txt; pwd',
      // What is left in the background neither holds the job up nor lives on.
      `(sleep 1; touch '${work}/left') &`,
    ].join('\n');
    const options = ['--file', './sent.txt', '--result', 'out/made', '--result', 'sent.txt', '-e', 'MODE=fast'];
    const given = [...simulated, ...options, '--', 'sh', '-c', script];
    const child = spawn(process.execPath, [built.path('cli'), ...given], {
      cwd: work,
      env: { ...process.env, OCTA_API_KEY: programKey, OCTA_BASE_URL: 'http://127.0.0.1:9' },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const [code] = await once(child, 'close');
    const [pwd = '', ...lines] = stdout.trimEnd().split('\n').reverse();
    expect({ code, lines: lines.reverse() }).toEqual({ code: 0, lines: ['sent.txt', 'sent', 'fast .'] });
    expect(existsSync(pwd)).toBe(false);
    expect(readFileSync(join(work, 'out/made'), 'utf8')).toBe('made');
    expect(stderr).toContain('result "sent.txt" was not received: missing\n');
    await sleep(1_000);
    expect(existsSync(join(work, 'left'))).toBe(false);
  });

  test('writes lines while the command runs, and ends the command with the session.', async () => {
    const script = 'echo $$; trap "" INT TERM HUP; while :; do sleep 1; done';
    const program = startProgram(built.path('cli'), [...simulated, '--', 'sh', '-c', script], {});
    await eventually(() => /^\d+\n$/.test(program.stdout()), 'the output');
    const pid = Number(program.stdout());
    program.child.kill('SIGINT');
    expect(await program.closed).toMatchObject({ code: 130, stdout: `${pid}\n` });
    await eventually(() => !isAlive(pid), 'the end of the command');
  });

  test('ends a command that prints without end when its output is closed.', async () => {
    const program = startProgram(built.path('cli'), [...simulated, '--', 'yes'], {});
    await eventually(() => program.stdout() !== '', 'the output');
    program.child.stdout?.destroy();
    expect((await program.closed).code).toBe(141);
  });

  test('reports commands that a signal has ended, and that do not exist.', async () => {
    const runs = [['sh', '-c', 'kill -9 $$'], ['no-such-program-here']].map(async (command) => {
      return startProgram(built.path('cli'), ['run', '--simulate=other', '--max-minutes', '5', '--', ...command], {})
        .closed;
    });
    const [killed, missing] = await Promise.all(runs);
    expect(killed).toMatchObject({ code: 137 });
    expect(missing).toMatchObject({ code: 127, stdout: expect.stringContaining('not found') });
  });
});
