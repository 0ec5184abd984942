// Misspelt on purpose. cspell:ignore smok hlep vresion acount
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { version } from '../../../src/index.ts';
import { readableLine, readableText } from '../../../src/readable.ts';
import { pages } from '../../support/pages.ts';
import { runCli } from './console.ts';

const commands = ['smoke', 'run', 'sessions', 'stop', 'reap', 'mock'];

describe('octaspace', () => {
  test.each(['--help', '-h'])('%s prints the commands', async (option) => {
    const { code, stdout, stderr } = await runCli([option]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^octaspace \d+\.\d+\.\d+.*\n\n {2}octaspace smoke .*\n {2}octaspace run /);
  });

  test.each(['--version', '-v'])('%s prints the version', async (option) => {
    expect(await runCli([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('help prints the commands, as --help does', async () => {
    expect(await runCli(['help'])).toEqual(await runCli(['--help']));
  });

  test.each(commands)('help %s, %s --help and -h print its options', async (command) => {
    const ended = await runCli(['help', command]);
    expect(ended).toEqual({ code: 0, stdout: expect.stringMatching(`^octaspace ${command}: `), stderr: '' });
    expect(await runCli([command, '--quiet', '--help'])).toEqual(ended);
    expect(await runCli([command, '-h'])).toEqual(ended);
    expect(await runCli([command, '--json', '--help'])).toEqual(ended);
  });

  test('every option of a command is in its usage', async () => {
    for (const command of commands) {
      const { stderr } = await runCli([command, '--xyz']);
      const { stdout } = await runCli(['help', command]);
      const known = /known: (.*)/.exec(stderr)?.[1]?.split(', ') ?? [];
      expect(known).toEqual(expect.arrayContaining(['--json', '--help']));
      expect(known.filter((option) => !stdout.includes(`\n  ${option} `))).toEqual([]);
    }
  });

  test('without a command prints all commands, as misuse', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^octaspace: missing command\n\noctaspace \d/);
  });
});

describe('misuse is one line on stderr, with what was meant or is known, and ends with 2', () => {
  const suites = 'network, account, apps, nodes, sessions, services, idle-jobs, all';
  const smoke = '--base-url, --suite, --idle-job, --timeout-ms, --json, --help';
  const known = 'smoke, run, sessions, stop, reap, mock, mcp, help';
  const cases: [given: string[], message: string][] = [
    [['smoke', '--suite', 'network', '--suite=apps'], '--suite is given more than once; it takes one value'],
    [['smok'], 'unknown command "smok"; did you mean smoke?'],
    [['help', 'smok'], 'unknown command "smok"; did you mean smoke?'],
    [['hlep'], 'unknown command "hlep"; did you mean help?'],
    [['rent'], `unknown command "rent"; known: ${known}`],
    [['help', 'smoke', 'mock'], 'unexpected argument "mock"; help takes one command'],
    [['--verbose'], 'unknown option "--verbose" for octaspace; known: --help, --version'],
    [['--vresion'], 'unknown option "--vresion" for octaspace; did you mean --version?'],
    [['smoke', '--jsn'], 'unknown option "--jsn" for smoke; did you mean --json?'],
    [['smoke', '--timeout', '5'], 'unknown option "--timeout" for smoke; did you mean --timeout-ms?'],
    [['mock', '--prot', '4010'], 'unknown option "--prot" for mock; did you mean --port?'],
    [['sessions', '--jason'], 'unknown option "--jason" for sessions; did you mean --json?'],
    [['stop', '--al'], 'unknown option "--al" for stop; did you mean --all?'],
    [['stop', '-a'], 'unknown option "-a" for stop; known: --all, --json, --help'],
    [['reap', '--leger', 'x'], 'unknown option "--leger" for reap; did you mean --ledger?'],
    [['smoke', '--api-key', 'k'], `unknown option "--api-key" for smoke; known: ${smoke}`],
    [['smoke', 'nodes'], `unexpected argument "nodes"; smoke accepts only options: ${smoke}`],
    [['smoke', '--', '--help'], `unexpected argument "--help"; smoke accepts only options: ${smoke}`],
    [['smoke', '--base-url'], '--base-url needs a value'],
    [['smoke', '--json=yes'], '--json does not take a value'],
    [['smoke', '--suite', 'gpus'], `--suite: unknown suite "gpus"; known: ${suites}`],
    [['smoke', '--suite', 'nodes,acount'], '--suite: unknown suite "acount"; did you mean account?'],
    [['smoke', '--suite', 'nodes,'], `--suite: unknown suite ""; known: ${suites}`],
    [['smoke', '--suite', ' '], '--suite is empty'],
    [['smoke', '--timeout-ms', '1s'], '--timeout-ms is "1s"; allowed: a whole number, 0 or more'],
    [['smoke', '--timeout-ms', '0.5'], '--timeout-ms is "0.5"; allowed: a whole number, 0 or more'],
    [['smoke', '--idle-job', '9010'], '--idle-job is "9010"; allowed: the ids of a node and a job, such as 9010/42'],
    [['mock', '--port', '65536'], '--port is "65536"; allowed: a port, 0 to 65535; 0 is a free one'],
    [['mock', '--speed', '0'], '--speed is "0"; allowed: a number above 0'],
    [['mock', '--latency-ms=-1'], '--latency-ms is "-1"; allowed: a whole number, 0 or more'],
    [['smoke', '--timeout-ms', '-1'], '--timeout-ms is "-1"; allowed: a whole number, 0 or more'],
    [['mock', '--speed', '-.5'], '--speed is "-.5"; allowed: a number above 0'],
    [['smoke', '--suite', '--json'], '--suite needs a value; write one that begins with a dash as --suite=VALUE'],
    [['smoke', '-1'], `unknown option "-1" for smoke; known: ${smoke}`],
    [['rent\u001b[2K\rok'], `unknown command "rent\\u001b[2K\\rok"; known: ${known}`],
    [['smoke', '--\u009b2K'], `unknown option "--\\u009b2K" for smoke; known: ${smoke}`],
  ];
  test.each(cases)('%j', async (given, message) => {
    const isJson = given.some((each) => each.startsWith('--json'));
    const ended = await runCli(given);
    expect({ ...ended, stderr: isJson ? '' : ended.stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: isJson ? '' : `octaspace: ${message}\n`,
    });
    // The same as JSON, wherever --json stands before the end of the options.
    const [name = '', ...rest] = given;
    const { code, stdout, stderr } = isJson ? ended : await runCli([name, '--json', ...rest]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.match(/\n/g)).toHaveLength(1);
    const { error } = JSON.parse(stderr);
    expect({ ...error, message: readableLine(error.message) }).toEqual({ name: 'Misuse', message, exitCode: 2 });
  });

  test('--json without a command', async () => {
    const { code, stdout, stderr } = await runCli(['--json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ error: { message: expect.stringMatching(/^missing command; /) } });
  });

  test('what the client refuses, too', async () => {
    const { code, stdout, stderr } = await runCli(['smoke', '--base-url', 'ftp://a']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^octaspace: baseUrl is the string "ftp:\/\/a"/);
  });

  test('a key that no header can carry, without showing it', async () => {
    const { code, stderr } = await runCli(['smoke'], { env: { OCTA_API_KEY: 'se cret' } });
    expect(code).toBe(2);
    expect(stderr).not.toContain('se cret');
  });
});

test.each([...pages, 'src/cli/job-request.ts', 'src/cli/mock.ts', 'src/cli/run.ts', 'src/cli/smoke.ts'])(
  '%s names the package wherever it names npx, or allows no download: a package `octaspace` would be that of a stranger',
  (file) => {
    const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
    expect(text.match(/npx (?!-p @octaspace\/sdk |--no-install )(?:\S+ )*octaspace\b/g) ?? []).toEqual([]);
  },
);

describe('with --json stderr is JSON, line by line', () => {
  const env = { OCTA_API_KEY: 'key-of-the-tests' };

  test.each([['sessions'], ['stop', '--all'], ['reap', '--ledger', '.']])(
    '%s, when the API refuses',
    async (...given) => {
      const headers = { 'x-request-id': 'r-1' };
      const fetch = async () => new Response('{"error":"no"}', { status: 401, headers });
      const { code, stdout, stderr } = await runCli([...given, '--json'], { env, fetch });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      const lines = stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.at(-1)).toEqual({
        error: {
          name: 'OctaAuthenticationError',
          message: expect.stringContaining('401'),
          status: 401,
          requestId: 'r-1',
          exitCode: 1,
        },
      });
      for (const line of lines.slice(0, -1))
        expect(line).toEqual({ level: expect.stringMatching(/^(info|warn)$/), message: expect.any(String) });
    },
  );

  test('for errors of the client, of the system, and for bugs', async () => {
    const wrong = await runCli(['smoke', '--json', '--base-url', 'ftp://a']);
    expect(JSON.parse(wrong.stderr)).toMatchObject({ error: { name: 'OctaConfigurationError', exitCode: 2 } });
    const broken = new Proxy(
      {},
      {
        get: () => {
          throw new TypeError('a bug');
        },
      },
    );
    const { code, stderr } = await runCli(['sessions', '--json'], { env: broken });
    expect({ code, ...JSON.parse(stderr) }).toEqual({
      code: 1,
      error: { name: 'TypeError', message: 'a bug', exitCode: 1 },
    });
    await expect(runCli(['sessions'], { env: broken })).rejects.toThrow('a bug');
  });
});

describe('text of others', () => {
  test.each([
    ['a', 'a'],
    ['naïve, 東京, 😀', 'naïve, 東京, 😀'],
    ['a\nok  b', 'a\\u000aok  b'],
    ['\u001b[2K\r', '\\u001b[2K\\u000d'],
    ['\u009b1A\u007f\u0000', '\\u009b1A\\u007f\\u0000'],
    ['a\u202eb\u2028c', 'a\\u202eb\\u2028c'],
    ['\u{e0041}', '\\udb40\\udc41'],
  ])('%j is printed as %j', (given, want) => {
    expect(readableLine(given)).toBe(want);
  });

  test('keeps its lines where it may have several, and JSON stays what it is', () => {
    expect(readableText('a\n\u001bb')).toBe('a\n\\u001bb');
    const value = { note: '\u009b\u202e\u{e0041}\n' };
    expect(JSON.parse(readableText(JSON.stringify(value, null, 2)))).toEqual(value);
  });
});
