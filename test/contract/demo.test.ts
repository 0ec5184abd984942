/** `npm run demo` as a process of its own, its output in a pipe. */
import { type ChildProcess, execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseOcta } from '../../src/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo; `begun` gets its process. */
function demo(given: readonly string[] = [], begun: (child: ChildProcess) => void = () => undefined): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' };
    const command = ['--import', 'tsx', 'scripts/demo.ts', ...given];
    const child = execFile(process.execPath, command, { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
    begun(child);
  });
}

/** The amount on the line that begins so. Unit: Wei. */
function amountOf(stdout: string, name: string): bigint {
  const found = new RegExp(`^ +${name} +(\\d+\\.\\d{18}) OCTA$`, 'm').exec(stdout)?.[1];
  return parseOcta(found ?? '');
}

/** The part of a step, by words of its heading. */
function partOf(stdout: string, heading: string): string {
  return stdout.split(/\n\n(?=\d+\. )/).find((part) => part.split('\n')[0]?.includes(heading)) ?? '';
}

/** The amounts that a step shows second by second. */
function chargesIn(part: string): bigint[] {
  return [...part.matchAll(/^ +\d+ s {3}(\d+\.\d{18}) OCTA {3}\d+\.\d{6} USD$/gm)].map(([, octa = '']) =>
    parseOcta(octa),
  );
}

function grows(charges: readonly bigint[]): boolean {
  return charges.every((charge, index) => index === 0 || charge >= (charges[index - 1] ?? 0n));
}

describe.concurrent('the demo', () => {
  test('rents, pays to the Wei, adopts a lost session and has one stopped at a limit, all within 20 s', async () => {
    const startedAt = performance.now();
    const { code, stdout, stderr } = await demo();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(stdout).not.toContain('\u001B');
    expect(stdout).not.toContain('\r');

    const progress = [...partOf(stdout, 'Rent the cheapest').matchAll(/^ +\d+ s {3}(.*)$/gm)].map(([, step]) => step);
    expect(progress[0]).toMatch(/^starting on node \d+$/);
    expect(progress.at(-1)).toBe('ready');
    expect(progress).toEqual([...new Set(progress)]);
    expect(progress).toContain('pulling image');
    expect(partOf(stdout, 'Its logs')).toMatch(/^ {3}container {3}step 3: ok$/m);

    const charges = chargesIn(partOf(stdout, 'What it costs'));
    expect(charges.length).toBeGreaterThan(8);
    expect(grows(charges)).toBe(true);

    const charge = amountOf(stdout, 'Charge');
    expect(charge).toBeGreaterThanOrEqual(charges.at(-1) ?? 0n);
    expect(amountOf(stdout, 'Balance before') - amountOf(stdout, 'Balance after')).toBe(charge);
    expect(amountOf(stdout, 'Before - after')).toBe(charge);
    const [uuid = ''] = /(?<=Session +)[0-9a-f]{8}(?=-)/.exec(stdout) ?? [];
    const inList = partOf(stdout, 'Recent sessions').match(/^ {3}([0-9a-f]{8}) .* (\d+\.\d{18}) /m) ?? [];
    expect([inList[1], parseOcta(inList[2] ?? '')]).toEqual([uuid, charge]);

    const lost = partOf(stdout, 'response to a start is lost');
    expect(lost).toMatch(/^ +\d+ s {3}found session [0-9a-f]{8}; the response to the start was lost \(/m);
    expect(lost).toContain('Sessions running: 1.');

    const guarded = partOf(stdout, 'A limit is reached');
    expect(grows(chargesIn(guarded))).toBe(true);
    const [, stoppedAt = '', limit = ''] =
      /stopped the session \(spend\) at ([\d.]+) of ([\d.]+) OCTA\./.exec(guarded) ?? [];
    // On a busy computer the quick clock may run on a little before the stop.
    const share = Number(parseOcta(stoppedAt)) / Number(parseOcta(limit));
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(1.2);
    expect(stdout.trimEnd()).toMatch(/\nThe demo is complete\. Sessions still running: 0\.$/);
  });

  test('ends after Ctrl-C, and leaves nothing running', async () => {
    const { code, stdout, stderr } = await demo([], (child) => {
      child.stdout?.on('data', (text) => {
        if (String(text).includes('preparing')) child.kill('SIGINT');
      });
    });
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(stdout).toMatch(/stopping: .*\n\nInterrupted\. Sessions still running: 0\.\n$/);
  });

  test('prints its usage', async () => {
    const { code, stdout } = await demo(['--help']);
    expect(code).toBe(0);
    for (const way of ['npm run demo ', '-- --prism', '-- --live', '-- --help']) expect(stdout).toContain(way);
  });

  test.for([
    [['--unknown'], 'Unknown: --unknown'],
    [['--live', '--prism'], 'Use either --live or --prism, not both.'],
    [['--live'], '--live needs an API key: set OCTA_API_KEY.'],
  ] as const)('refuses %j', async ([given, message]) => {
    const { code, stdout, stderr } = await demo(given);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(`${message}\n\n`)).toBe(true);
  });
});
