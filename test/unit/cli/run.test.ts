import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { version } from '../../../src/index.ts';
import { readableLine, readableText } from '../../../src/readable.ts';
import { pages } from '../../support/pages.ts';
import { runCli } from './console.ts';

describe('octaspace', () => {
  test.each(['--help', '-h'])('%s prints the commands', async (option) => {
    const { code, stdout, stderr } = await runCli([option]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^octaspace \d+\.\d+\.\d+.*\n\n {2}octaspace smoke .*\n {2}octaspace sessions /);
  });

  test('--version prints the version', async () => {
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each(['smoke', 'mock', 'sessions', 'stop', 'reap'])('%s --help prints its options', async (command) => {
    const { code, stdout } = await runCli([command, '--quiet', '--help']);
    expect(code).toBe(0);
    expect(stdout.startsWith(`octaspace ${command}: `)).toBe(true);
  });

  test('every option of a command is in its usage', async () => {
    for (const command of ['smoke', 'mock', 'sessions', 'stop', 'reap']) {
      const { stderr } = await runCli([command, '--none']);
      const allowed = /allowed: (.*)/.exec(stderr)?.[1]?.split(', ') ?? [];
      expect(allowed.length).toBeGreaterThan(1);
      expect(allowed.filter((option) => !stderr.includes(`\n  ${option} `))).toEqual([]);
    }
  });
});

describe('misuse is told on stderr, with what is allowed, and ends with 2', () => {
  const suites = 'network, account, apps, nodes, sessions, services, idle-jobs, all';
  const smoke = '--base-url, --suite, --idle-job, --timeout-ms, --json, --help';
  const cases: [given: string[], message: string][] = [
    [[], 'a command is needed; allowed: smoke, sessions, stop, reap, mock, --help, --version'],
    [['rent'], 'there is no "rent"; allowed: smoke, sessions, stop, reap, mock, --help, --version'],
    [['--verbose'], 'there is no "--verbose"; allowed: smoke, sessions, stop, reap, mock, --help, --version'],
    [['smoke', '--api-key', 'k'], `Unknown option '--api-key'; allowed: ${smoke}`],
    [['smoke', 'nodes'], `Unexpected argument 'nodes'; allowed: ${smoke}`],
    [['smoke', '--base-url'], `Option '--base-url <value>' argument missing; allowed: ${smoke}`],
    [['smoke', '--json=yes'], `Option '--json' does not take an argument; allowed: ${smoke}`],
    [['smoke', '--suite', 'gpus'], `--suite: there is no "gpus"; allowed: ${suites}`],
    [['smoke', '--suite', 'nodes,'], `--suite: there is no ""; allowed: ${suites}`],
    [['smoke', '--suite', ' '], '--suite is empty'],
    [['smoke', '--timeout-ms', '1s'], '--timeout-ms is "1s"; allowed: a whole number, 0 or more'],
    [['smoke', '--timeout-ms', '0.5'], '--timeout-ms is "0.5"; allowed: a whole number, 0 or more'],
    [['smoke', '--idle-job', '9010'], '--idle-job is "9010"; allowed: the ids of a node and a job, such as 9010/42'],
    [['mock', '--port', '65536'], '--port is "65536"; allowed: a port, 0 to 65535; 0 is a free one'],
    [['mock', '--speed', '0'], '--speed is "0"; allowed: a number above 0'],
    [['mock', '--latency-ms=-1'], '--latency-ms is "-1"; allowed: a whole number, 0 or more'],
    [['smoke', '--timeout-ms', '-1'], '--timeout-ms is "-1"; allowed: a whole number, 0 or more'],
    [['mock', '--speed', '-.5'], '--speed is "-.5"; allowed: a number above 0'],
    [
      ['smoke', '--suite', '--json'],
      `--suite needs a value; one that begins with a dash is written --suite=-VALUE; allowed: ${smoke}`,
    ],
    [['smoke', '-1'], `Unknown option '-1'; allowed: ${smoke}`],
    [['smoke', '--json', '-1'], `Unknown option '-1'; allowed: ${smoke}`],
    [
      ['rent\u001b[2K\rok'],
      'there is no "rent\\u001b[2K\\rok"; allowed: smoke, sessions, stop, reap, mock, --help, --version',
    ],
    [['smoke', '--\u009b2K'], `Unknown option '--\\u009b2K'; allowed: ${smoke}`],
  ];
  test.each(cases)('%j', async (given, message) => {
    const { code, stdout, stderr } = await runCli(given);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n\noctaspace')[0]).toBe(`octaspace: ${message}`);
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

test.each([...pages, 'src/cli/mock.ts', 'src/cli/run.ts', 'src/cli/smoke.ts'])(
  '%s names the package wherever it names npx, for a package `octaspace` would be that of a stranger',
  (file) => {
    const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
    expect(text.match(/npx (?!-p @octaspace\/sdk )(?:\S+ )*octaspace\b/g) ?? []).toEqual([]);
  },
);

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
