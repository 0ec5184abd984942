/** docs/runtimes.md lists what `npm run test:runtimes` runs, and the lanes end. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Failed, root } from '../../scripts/package/run.ts';
import { exceptions, exceptionsOf, isVersion, lanes, lanesFor } from '../../scripts/runtimes/lanes.ts';
import { exceptionsTable, lanesTable } from '../../scripts/runtimes/page.ts';
import { startWorkerd } from '../../scripts/runtimes/workerd.ts';

const page = `${readFileSync(join(root, 'docs/runtimes.md'), 'utf8')}\n`;
const { engines }: { engines: { node: string } } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

test('docs/runtimes.md lists exactly the lanes and their versions.', () => {
  expect(page).toContain(`\n\n${lanesTable()}\n\n`);
});

test('docs/runtimes.md gives the reason for every exception.', () => {
  expect(page).toContain(`\n\n${exceptionsTable()}\n\n`);
});

test('The oldest Node that the package allows is among the lanes.', () => {
  const oldest = engines.node.replace('>=', '');
  const tested = lanes.filter(({ family, version }) => family === 'node' && version === oldest);
  expect(tested.map(({ tool }) => tool?.[1])).toContain(`${oldest}.0`);
});

test('A lane with a program from npm runs the version in its name.', () => {
  const wrong = lanes.filter(({ family, version, tool }) => {
    // The version of workerd is a date, which its package writes in another way.
    return family !== 'workerd' && tool !== undefined && !isVersion(tool[1], version);
  });
  expect(wrong).toEqual([]);
});

test('Every exception belongs to a lane, and no lane has one twice.', () => {
  expect(exceptions.filter(({ name }) => !lanes.some((lane) => exceptionsOf(lane).includes(name)))).toEqual([]);
  expect(new Set(exceptions.map(({ name }) => name)).size).toBe(exceptions.length);
});

describe('lanes are chosen', () => {
  const namesFor = (...given: string[]) => lanesFor(given).map(({ name }) => name);

  test.each([
    ['all, when none is named', [], lanes.map(({ name }) => name)],
    ['by their names, in the order of the table', ['deno', 'bun'], ['bun', 'deno']],
    ['by what their names begin with', ['chromium'], ['chromium-page', 'chromium-worker']],
    ['by the whole name where there is one', ['node-20'], ['node-20']],
  ])('%s', (_, given, wanted) => {
    expect(namesFor(...given)).toEqual(wanted);
  });

  test('and an unknown one is refused, with the list of known ones', () => {
    expect(() => lanesFor(['deno', 'netscape', 'no'])).toThrow(/^unknown lane netscape, no; use node-20, .*deno/);
  });
});

test.each([
  ['20.19.0', '20.19', true],
  ['20.190.0', '20.19', false],
  ['2026-11-17', '2026-11', true],
  ['24.0.0', '2', false],
])('%s is a version of %s: %s.', (version, wanted, isOne) => {
  expect(isVersion(version, wanted)).toBe(isOne);
});

describe('a workerd', () => {
  /** What becomes of one that does this, when it may take so long; what it says where it listens. */
  const start = async (commands: string, limitMs = 60_000): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), 'octaspace-workerd-'));
    try {
      const program = join(folder, 'workerd');
      writeFileSync(program, `#!/bin/sh\n${commands}\n`, { mode: 0o755 });
      await using server = await startWorkerd(program, 'config.capnp', limitMs);
      return server.url;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('is found by the address on its control descriptor, and ends with its scope.', async () => {
    const told = `echo '{"event":"listen","socket":"http","port":4711}' >&3`;
    expect(await start(`[ "$1 $2 $3" = 'serve --control-fd=3 config.capnp' ] && ${told}; exec sleep 60`)).toBe(
      'http://127.0.0.1:4711',
    );
  });

  test.each([
    ['never listens', 'echo busy; exec sleep 60', 1_000, 'the start of workerd took longer than 1 s\nbusy'],
    ['ends before', 'echo broken >&2; exit 1', 60_000, 'workerd ended\nbroken'],
  ])('that %s is a failure, with its own output.', async (_, commands, limitMs, message) => {
    await expect(start(commands, limitMs)).rejects.toEqual(new Failed(message));
  });

  test('that does not exist is a failure.', async () => {
    await expect(startWorkerd('/no/such/workerd', 'config.capnp')).rejects.toThrow(/^workerd ended\n.*ENOENT/);
  });
});
