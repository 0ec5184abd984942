/** The wrapper of jobs, run by the shell of this machine, in each way in which a platform may start it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { JobLog } from '../../src/jobs/job-log.ts';
import { type JobCommand, startCommand, wrap } from '../../src/jobs/wrapper.ts';
import { unwrap } from '../../src/testing/job-script.ts';

/** What runs in the container when the platform hands the command to a shell, and when it splits it into words. */
const ways: readonly (readonly [name: string, words: readonly string[]])[] = [
  ['as a line for a shell', ['sh', '-c', startCommand]],
  ['as words', ['sh', '-c', '$OCTA_JOB']],
];

let folder: string;
let container: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'octa-job-'));
});
afterEach(() => {
  // The wrapper waits for the end of its session, and so do its children.
  if (container?.pid !== undefined && container.exitCode === null && container.signalCode === null)
    process.kill(-container.pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const mark = '::octa-job test';

interface Ran {
  readonly log: JobLog;
  readonly lines: readonly string[];
}

/** Runs a job until it has reported its exit code, or has failed. */
async function run(words: readonly string[], job: JobCommand, more: Record<string, string> = {}): Promise<Ran> {
  const [program = '', ...rest] = words;
  const env = { PATH: process.env.PATH, HOME: folder, MODE: 'fast', ...more, ...wrap(job, mark) };
  container = spawn(program, rest, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const log = new JobLog(mark, job.results ?? []);
  // What the wrapper says when it fails.
  const failed = new Promise<void>((resolve) => container?.stderr?.once('data', () => resolve()));
  const read = (async () => {
    for await (const text of createInterface({ input: container?.stdout ?? process.stdin })) {
      log.take({ source: 'container', text });
      if (log.exitCode !== undefined) break;
    }
  })();
  await Promise.race([read, failed]);
  log.close();
  const lines: string[] = [];
  for await (const { text } of log.read()) lines.push(text);
  return { log, lines };
}

describe.each(ways)('The wrapper, started %s', (_, words) => {
  test('runs the command in the working directory, and reports its exit code.', async () => {
    const command = `pwd; echo "it's $MODE" >&2; printf 'no line break'; exit 3`;
    const { log, lines } = await run(words, { command });
    expect(log).toMatchObject({ begun: true, exitCode: 3 });
    expect(lines).toEqual([folder, "it's fast", 'no line break']);
  });

  test('keeps empty lines, also at the end.', async () => {
    const { lines } = await run(words, { command: 'echo; echo one; echo; echo' });
    expect(lines).toEqual(['', 'one', '', '']);
  });

  test('writes the files before, and reports the results after.', async () => {
    const all = Uint8Array.from({ length: 256 * 600 }, (_each, index) => index % 256);
    const files = { "a b/it's.txt": 'ü\n', 'deep/er/all.bin': all, empty: '', $HOME: 'a name', '-x': '-', './a': 'b' };
    const absolute = join(folder, 'absolute');
    const results = [...Object.keys(files), 'none', 'deep', '/dev/null', 'made', absolute];
    const command = `seq 3 > made; rm empty; cat ${absolute}`;
    const { log, lines } = await run(words, { command, files: { ...files, [absolute]: 'here\n' }, results });
    const { empty: _empty, ...kept } = files;
    const { results: got } = log.progress;
    const bytesOf = (content: string | Uint8Array) => Buffer.from(content).toString('latin1');
    expect(Object.entries(got).map(([path, content]) => [path, bytesOf(content)])).toEqual(
      Object.entries({ ...kept, made: '1\n2\n3\n', [absolute]: 'here\n' }).map(([path, content]) => [
        path,
        bytesOf(content),
      ]),
    );
    expect(log.missing).toEqual(['empty', 'none', 'deep', '/dev/null'].map((path) => ({ path, reason: 'missing' })));
    expect(lines).toEqual(['here']);
  });

  test('stops at 256 kB of results.', async () => {
    const command = 'head -c 262144 /dev/zero > most; printf x > more; printf "" > nothing';
    const { log } = await run(words, { command, results: ['most', 'more', 'nothing'] });
    expect(Object.keys(log.progress.results)).toEqual(['most', 'nothing']);
    expect(log.missing).toEqual([{ path: 'more', reason: 'too-large' }]);
  });

  test('passes no input and none of its own variables to the command.', async () => {
    const files = { a: new Uint8Array(200_000) };
    const { lines, log } = await run(words, { command: 'cat; env | grep -c OCTA_JOB; set | grep ::octa', files });
    expect({ lines, exitCode: log.exitCode }).toEqual({ lines: ['0'], exitCode: 1 });
  });

  test('has Python print at once, unless its variable is set.', async () => {
    const job = { command: 'echo "<$PYTHONUNBUFFERED>"' };
    expect((await run(words, job)).lines).toEqual(['<1>']);
    expect((await run(words, job, { PYTHONUNBUFFERED: '' })).lines).toEqual(['<>']);
  });

  test('reports a command that a signal ends.', async () => {
    expect((await run(words, { command: 'kill -9 $$' })).log.exitCode).toBe(137);
  });

  test('runs arrays of arguments unchanged.', async () => {
    const command = ['printf', '<%s>\\n', "it's", '$HOME "x"', '', 'a\\b'];
    expect((await run(words, { command })).lines).toEqual(["<it's>", '<$HOME "x">', '<>', '<a\\b>']);
  });

  test('does not run the command when it cannot write a file.', async () => {
    writeFileSync(join(folder, 'file'), 'no folder');
    const job = { command: `touch ${join(folder, 'ran')}`, files: { 'file/a': 'x', b: 'y' } };
    expect((await run(words, job)).log.begun).toBe(false);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  test('waits after the command, until its container is ended.', async () => {
    await run(words, { command: 'echo $$ > pid' });
    expect(container?.exitCode).toBeNull();
    expect(readFileSync(join(folder, 'pid'), 'utf8')).toMatch(/^\d+\n$/);
    const closed = once(container as ChildProcess, 'close');
    process.kill(-Number(container?.pid), 'SIGKILL');
    await closed;
  });
});

test('The wrapper ends an hour after the command.', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'sleep'), '#!/bin/sh\necho "slept $1"\n', { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env.PATH}`, ...wrap({ command: 'echo done' }, mark) };
  container = spawn('sh', ['-c', startCommand], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  let output = '';
  container.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  expect(await once(container, 'close')).toEqual([0, null]);
  expect(output).toBe(`${mark} begin\ndone\n${mark} exit 0\nslept 3600\n`);
});

test('No variable of the wrapper is longer than Linux allows.', () => {
  const files = { a: new Uint8Array(256 * 1024) };
  const envs = wrap({ command: "'".repeat(64 * 1024), files }, mark);
  const longest = Math.max(...Object.entries(envs).map(([name, value]) => name.length + value.length + 2));
  expect(longest).toBeLessThan(128 * 1024);
});

test('The simulator parses the wrapper.', () => {
  const all = Uint8Array.from({ length: 200_001 }, (_, index) => index % 251);
  const command = "echo 'ü'\nsh -c 'x'\nget 0 'y'\nput 'z' \"\"\n";
  const envs = wrap({ command, files: { "a/b 'c": all, empty: '' }, results: ['a/b c', "ü'"] }, mark);
  expect(unwrap(envs)).toEqual({
    command,
    mark,
    files: new Map([
      ["a/b 'c", all],
      ['empty', new Uint8Array()],
    ]),
    results: ['a/b c', "ü'"],
    left: 262_144,
  });
  expect(unwrap({ PATH: '/bin' })).toBeUndefined();
});
