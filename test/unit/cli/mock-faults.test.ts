// Misspelt on purpose. cspell:ignore strt losst
import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { faultUsage, orderFaults } from '../../../src/cli/mock-faults.ts';
import { type Fault, OctaSimulator } from '../../../src/testing/index.ts';
import { runCli } from './console.ts';

describe('--fail orders a fault of the simulator', () => {
  const always = Number.POSITIVE_INFINITY;
  test.each<[text: string, match: string[], fault: Fault, times: number]>([
    ['startMr=503:2', ['startMr'], { status: 503 }, 2],
    ['startMr=503', ['startMr'], { status: 503 }, 1],
    ['startMr=status=503:always', ['startMr'], { status: 503 }, always],
    ['getSessionInfo=lost', ['getSessionInfo'], { lost: 'after' }, 1],
    ['*=lost=before:3', ['*'], { lost: 'before' }, 3],
    ['startMr, startVpn=stall', ['startMr', 'startVpn'], { stall: 'headers' }, 1],
    ['*=stall=body', ['*'], { stall: 'body' }, 1],
    ['*=cut:2', ['*'], { cut: true }, 2],
    ['*=invalidJson', ['*'], { invalidJson: true }, 1],
    ['startMr=refuse', ['startMr'], { refuse: 'Node is busy' }, 1],
    ['startMr=refuse:4', ['startMr'], { refuse: 'Node is busy' }, 4],
    ['startMr=refuse=Busy, try: later:2', ['startMr'], { refuse: 'Busy, try: later' }, 2],
    ['startMr=delayMs=20,refuse=a=b', ['startMr'], { delayMs: 20, refuse: 'a=b' }, 1],
    ['*=302,headers.location=http://a/b', ['*'], { status: 302, headers: { location: 'http://a/b' } }, 1],
    ['*=delayMs=500:always', ['*'], { delayMs: 500 }, always],
    ['*=503,delayMs=500', ['*'], { status: 503, delayMs: 500 }, 1],
    [
      '*=429,headers.retry-after=5,headers.x-a=b=c,body=<p>1:2</p>:9',
      ['*'],
      { status: 429, headers: { 'retry-after': '5', 'x-a': 'b=c' }, body: '<p>1:2</p>' },
      9,
    ],
  ])('%s', (text, match, fault, times) => {
    const simulator = new OctaSimulator();
    const fail = vi.spyOn(simulator, 'fail');
    orderFaults(simulator, [text]);
    expect(fail.mock.calls).toEqual([[match, fault, times]]);
  });
});

describe('a wrong --fail is misuse, and says what is allowed', () => {
  const form = 'the form is OPERATION=FAULT[:TIMES], such as startMr=503:2';
  test.each<[text: string, message: string | RegExp]>([
    ['startMr', form],
    ['=503', form],
    ['startMr=', form],
    ['startMr=:2', /^FAULT is empty; the form is /],
    ['startMr=503,', /^FAULT is empty; the form is /],
    ['strtMr=503', 'unknown operation "strtMr"; did you mean startMr?'],
    ['getNothing=503', /^unknown operation "getNothing"; known: getAccount, .*, \*$/],
    ['startMr=700', 'fault.status is 700; allowed: an HTTP status, from 200 to 599'],
    ['startMr=status=bad', 'fault.status is "bad"; allowed: an HTTP status, from 200 to 599'],
    ['startMr=status', 'status needs a value, such as status=500'],
    ['startMr=losst', 'unknown option "losst" for fault; did you mean lost?'],
    [
      'startMr=crash',
      'unknown option "crash" for fault; known: status, lost, stall, cut, invalidJson, refuse, delayMs, body, headers',
    ],
    ['startMr=constructor', /^unknown option "constructor" for fault; known: /],
    ['startMr=lost=later', 'fault.lost is "later"; allowed: one of "before", "after"'],
    ['startMr=cut=2', 'fault.cut is "2"; allowed: true'],
    ['startMr=503,lost', /^fault is "status, lost"; allowed: one of status, lost, /],
    ['startMr=503,504', 'status is given twice'],
    ['startMr=lost,headers.a=b', /^fault\.headers is an object; allowed: only with status$/],
    ['stopSession=refuse', 'match is "stopSession"; allowed: one of "startMr", "startRender", "startVpn"'],
    ['startMr=503:0', 'TIMES, after the last colon, is "0"; allowed: a whole number, 1 or more, or always'],
    ['startMr=503:twice', 'TIMES, after the last colon, is "twice"; allowed: a whole number, 1 or more, or always'],
    ['startMr=503:2,delayMs=5', /^TIMES, after the last colon, is "2,delayMs=5"; /],
    ['startMr=503:', 'TIMES, after the last colon, is ""; allowed: a whole number, 1 or more, or always'],
    ['startMr=delayMs=-1', 'fault.delayMs is "-1"; allowed: a number of milliseconds, from 0 to a year'],
  ])('%s', async (text, message) => {
    const { code, stdout, stderr } = await runCli(['mock', '--port', '0', '--fail', text]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const prefix = `octaspace: --fail ${JSON.stringify(text)}: `;
    expect(stderr.startsWith(prefix)).toBe(true);
    const said = stderr.slice(prefix.length, -1);
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });

  test('is empty', async () => {
    expect(await runCli(['mock', '--fail', ' '])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'octaspace: --fail is empty\n',
    });
  });
});

test('Every fault that the guide and the help mention can be ordered.', () => {
  const page = readFileSync(new URL('../../../docs/command-line.md', import.meta.url), 'utf8');
  const table = page.slice(page.indexOf('| fault | what happens |')).split('\n\n')[0] ?? '';
  const rows = table.split('\n').map((row) => row.split('|')[1] ?? '');
  const documented = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(({ 1: fault }) => `startMr=${fault}`));
  const examples = [...page.matchAll(/--fail (?:'([^']+)'|([a-z*][\w=:,.]+))/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
  const helped = [...faultUsage.matchAll(/^ {4}(\S+?),? /gm)].map(({ 1: fault }) => `startMr=${fault}`);
  expect([documented.length, examples.length, helped.length]).toEqual([13, 4, 8]);
  for (const each of [...documented, ...examples, ...helped]) orderFaults(new OctaSimulator(), [each]);
});
