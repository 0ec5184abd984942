/** How programs that tests need are found, and installed when they are missing. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { installMissing, locate, type Machine, missing } from '../../scripts/system/programs.ts';

let folder: string;
let machine: Machine;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'octaspace-programs-'));
  machine = { env: { PATH: folder }, isRoot: true };
  vi.spyOn(console, 'log').mockReturnValue();
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function addProgram(name: string, script = ''): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** An apt-get that notes how it is called, and installs Redis after `before` has run. */
function addAptGet(before = ''): void {
  const calls = join(folder, 'calls');
  const install = `case "$*" in *install*) echo > "${folder}/redis-server" ;; esac`;
  addProgram('apt-get', `echo "$*" >> "${calls}"\n${before}\n${install}`);
}

function calls(): string[] {
  const file = join(folder, 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

const update = '-y -o DPkg::Lock::Timeout=600 update';
const install = '-y -o DPkg::Lock::Timeout=600 install --no-install-recommends redis-server';

describe('installing', () => {
  test('runs one update and one installation, and none when nothing is missing.', async () => {
    addAptGet();
    await installMissing(['redis'], machine);
    await installMissing(['redis'], machine);
    expect(calls()).toEqual([update, install]);
    expect(locate('redis', machine)).toBe(join(folder, 'redis-server'));
  });

  test('tries again when another process holds a lock.', async () => {
    const busy = `if [ ! -e "${folder}/seen" ]; then echo > "${folder}/seen"; echo "E: Could not get lock" >&2; exit 100; fi`;
    addAptGet(busy);
    await installMissing(['redis'], machine);
    expect(calls()).toEqual([update, update, install]);
  });

  test('stops when the other process has installed the package.', async () => {
    addAptGet(`echo > "${folder}/redis-server"; echo "E: Unable to lock directory" >&2; exit 100`);
    await installMissing(['redis'], machine);
    expect(calls()).toEqual([update]);
  });

  test('gives up if the lock is held too long.', async () => {
    addAptGet('echo "E: Could not get lock" >&2; exit 100');
    await expect(installMissing(['redis'], { ...machine, lockSeconds: 0 })).rejects.toThrow('Could not get lock');
    expect(calls()).toHaveLength(1);
  });

  test('fails at once, with what apt-get says, for any other reason.', async () => {
    addAptGet('echo "E: Unable to locate package redis-server" >&2; exit 100');
    await expect(installMissing(['redis'], machine)).rejects.toThrow('E: Unable to locate package redis-server');
    expect(calls()).toHaveLength(1);
  });

  test('is left to the user without root, or without apt-get.', async () => {
    const advice =
      'Redis not found; install with "sudo apt-get install --no-install-recommends redis-server" on Debian or Ubuntu';
    await expect(installMissing(['redis'], machine)).rejects.toThrow(advice);
    addAptGet();
    await expect(installMissing(['redis'], { ...machine, isRoot: false })).rejects.toThrow(advice);
    expect(calls()).toEqual([]);
  });
});

describe('looking a program up', () => {
  test('never installs it.', () => {
    addAptGet();
    expect(() => locate('redis', machine)).toThrow('Redis not found');
    expect(missing(['redis'], machine)).toEqual(['redis']);
    expect(calls()).toEqual([]);
  });

  test('finds Chromium under the names that systems give it.', () => {
    addProgram('google-chrome');
    expect(locate('chromium', machine)).toBe(join(folder, 'google-chrome'));
    addProgram('chromium');
    expect(locate('chromium', machine)).toBe(join(folder, 'chromium'));
  });

  test('takes Chromium from OCTA_TEST_CHROMIUM, and says so when it is not there.', () => {
    addProgram('chromium');
    addProgram('other');
    const named = (path: string) => ({ ...machine, env: { ...machine.env, OCTA_TEST_CHROMIUM: path } });
    expect(locate('chromium', named(join(folder, 'other')))).toBe(join(folder, 'other'));
    expect(() => locate('chromium', named('/no/such'))).toThrow('OCTA_TEST_CHROMIUM is /no/such, which does not exist');
    expect(() => locate('chromium', { ...machine, env: {} })).toThrow(
      /or set OCTA_TEST_CHROMIUM to the path of Chromium$/,
    );
  });

  test('finds PostgreSQL where PATH has both of its programs.', () => {
    addProgram('initdb');
    addProgram('postgres');
    expect(locate('postgres', machine)).toBe(folder);
  });
});
