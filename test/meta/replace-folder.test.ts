/** Folders that are replaced atomically: readers find the old one or the new one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFolder } from '../../scripts/package/replace-folder.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'octaspace-folder-'));
  folder = join(parent, 'dist');
});
afterEach(() => rmSync(parent, { recursive: true }));

async function write(beside: string, text: string): Promise<void> {
  mkdirSync(beside);
  writeFileSync(join(beside, 'file'), text);
}

const script = new URL('../../scripts/package/replace-folder.ts', import.meta.url);

/** Starts a process that replaces the folder, and does something when it has written a file. */
function startFilling(then: string) {
  const code = `
    import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
    import { replaceFolder } from ${JSON.stringify(script)};
    await replaceFolder(${JSON.stringify(folder)}, async (beside) => {
      mkdirSync(beside);
      writeFileSync(beside + '/file', 'whole');
      ${then}
    });`;
  const given = ['--import', 'tsx', '--input-type=module', '--eval', code];
  return spawn(process.execPath, given, { stdio: ['ignore', 'pipe', 'inherit'] });
}

const read = () => readFileSync(join(folder, 'file'), 'utf8');

test('A folder is created, and replaced with all its files.', async () => {
  await replaceFolder(folder, (beside) => write(beside, 'one'));
  writeFileSync(join(folder, 'other'), '');
  await replaceFolder(folder, async (beside) => {
    await write(beside, 'two');
    expect([read(), readdirSync(folder)]).toEqual(['one', ['file', 'other']]);
  });
  expect([read(), readdirSync(folder), readdirSync(parent)]).toEqual(['two', ['file'], ['dist']]);
});

test('A folder does not change if the new one fails.', async () => {
  await replaceFolder(folder, (beside) => write(beside, 'one'));
  const failing = replaceFolder(folder, async (beside) => {
    await write(beside, 'half');
    throw new Error('no space');
  });
  await expect(failing).rejects.toThrow('no space');
  expect([read(), readdirSync(parent)]).toEqual(['one', ['dist']]);
});

test('Leftovers of a killed process are removed; files of running processes and of others are not.', async () => {
  const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(gone, 'exit');
  const kept = ['dist.map', `dist.new-${process.ppid}`, `site.new-${gone.pid}`];
  for (const name of [...kept, `dist.new-${gone.pid}`, `dist.old-${gone.pid}`]) mkdirSync(join(parent, name));
  await replaceFolder(folder, (beside) => write(beside, 'one'));
  expect(readdirSync(parent).sort()).toEqual(['dist', ...kept].sort());
});

test('A process that is killed halfway does not change the folder, and the next one replaces it.', async () => {
  await replaceFolder(folder, (beside) => write(beside, 'one'));
  const child = startFilling("console.log('half'); await new Promise(() => setInterval(() => undefined, 1_000));");
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect([read(), readdirSync(parent).sort()]).toEqual(['one', ['dist', `dist.new-${child.pid}`]]);
  await replaceFolder(folder, (beside) => write(beside, 'two'));
  expect([read(), readdirSync(parent)]).toEqual(['two', ['dist']]);
});

test('Two processes that replace it at the same time both succeed.', async () => {
  const names = `readdirSync(${JSON.stringify(parent)}).filter((name) => name.startsWith('filled'))`;
  // Each goes on when the other one has filled its folder, too.
  const children = [1, 2].map((each) =>
    startFilling(`writeFileSync(${JSON.stringify(join(parent, `filled-${each}`))}, ''); while (${names}.length < 2);`),
  );
  expect(await Promise.all(children.map((child) => once(child, 'exit')))).toEqual([
    [0, null],
    [0, null],
  ]);
  expect([read(), readdirSync(parent).filter((name) => !name.startsWith('filled'))]).toEqual(['whole', ['dist']]);
});
