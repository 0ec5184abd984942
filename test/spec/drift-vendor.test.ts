/** The stand-in for the vendor's description against our spec, and the command that compares them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compareDescriptions } from '../../scripts/drift/compare.ts';
import { describeApi } from '../../scripts/drift/describe.ts';
import { entriesFor, explanationsIn, fits } from '../../scripts/drift/explained.ts';
import { loadDescription } from '../../scripts/drift/load.ts';
import { json, serve } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixture = join(root, 'test/fixtures/vendor-swagger/swagger.json');
const ours = describeApi(await loadDescription(join(root, 'generated/openapi.json')));
const theirs = describeApi(await loadDescription(fixture));
const keys = compareDescriptions(theirs, ours).map(({ key }) => key);
const explanations = explanationsIn(readFileSync(join(root, 'openapi/DRIFT.md'), 'utf8'));

/** What was changed in the stand-in besides what DRIFT.md tells of. */
const planted = [
  'GET /accounts 200 two_factor_enabled: only in theirs (boolean)',
  'GET /nodes 200 [].uptime type: string in theirs, integer in ours',
  'GET /sessions query account_uuid: only in theirs (string, required)',
  'POST /services/render body region: only in theirs (string, required)',
  'GET /services/vpn 200 [].residential: only in ours (boolean)',
  'POST /services/vpn body protocol enum "hysteria": only in theirs',
  'GET /services/{id}/metrics: only in theirs',
];

test('Our spec does not differ from itself.', () => {
  expect(compareDescriptions(ours, ours)).toEqual([]);
});

test('The unexplained differences are exactly the planted ones.', () => {
  expect(keys.filter((key) => entriesFor(key, explanations).length === 0)).toEqual(planted);
});

test('Every key occurs once.', () => {
  expect(new Set(keys).size).toBe(keys.length);
});

describe('every pattern of DRIFT.md', () => {
  const form =
    /^(?:\*|(?:GET|POST|PATCH|PUT|DELETE) \/\S+)(?: \S+)*: (?:\*|only in (?:ours|theirs|\*)(?: \*| \(.+\))?|\S+(?: \S+)* in theirs, .+ in ours)$/;

  test.each(explanations)('$entry: $pattern', ({ pattern }) => {
    expect(pattern).toMatch(form);
    expect(keys.filter((key) => fits(pattern, key))).not.toEqual([]);
  });

  test('occurs once', () => {
    const patterns = explanations.map(({ pattern }) => pattern);
    expect(patterns.filter((pattern, index) => patterns.indexOf(pattern) !== index)).toEqual([]);
  });

  test('explains a difference that no other pattern explains', () => {
    const alone = explanations.filter((each) => {
      const others = explanations.filter((other) => other !== each);
      return keys.some((key) => fits(each.pattern, key) && entriesFor(key, others).length === 0);
    });
    expect(alone).toEqual(explanations);
  });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runDrift(...given: string[]): Promise<Ended> {
  const command = [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'scripts/drift.ts'), ...given];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('npm run drift', () => {
  test('prints what is unexplained and exits with 1', async () => {
    const { code, stdout } = await runDrift(fixture);
    expect(code).toBe(1);
    expect(stdout.split('\n').filter((line) => /: only in| in theirs/.test(line))).toEqual(planted);
    expect(stdout).toMatch(/\n7 unexplained differences; \d+ explained by openapi\/DRIFT\.md, which --all shows\.\n$/);
  });

  test('prints everything with --all, with the numbers of the entries', async () => {
    const { code, stdout } = await runDrift(fixture, '--all');
    expect(code).toBe(1);
    expect(stdout).toContain('GET /services/{uuid}/info 200 vpn_config: only in theirs (string)   [DRIFT.md 1]\n');
    expect(stdout.match(/^\S.* in (?:theirs|ours)/gm)).toHaveLength(keys.length);
  });

  test('prints JSON with --json', async () => {
    const { stdout } = await runDrift(fixture, '--all', '--json');
    const { unexplained, explained }: Record<string, { key: string; entries?: number[] }[]> = JSON.parse(stdout);
    expect(unexplained?.map(({ key }) => key)).toEqual(planted);
    expect(explained?.find(({ key }) => key.includes('vpn_config'))?.entries).toEqual([1]);
  });

  test('exits with 0 when nothing differs, here read from a URL', async () => {
    const text = readFileSync(join(root, 'generated/openapi.json'), 'utf8');
    await using server = await serve((_, response) => json(response, text));
    const { code, stdout } = await runDrift(`${server.url}/swagger.json`);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: '0 unexplained differences; 0 explained by openapi/DRIFT.md.\n',
    });
  });

  test.each([[], ['--json']])("prints no control characters of the vendor's description: %j", async (...given) => {
    const description = JSON.parse(readFileSync(join(root, 'generated/openapi.json'), 'utf8'));
    description.components.schemas.Balance.properties['a\u001b[2K\rb\nGET /c: only in ours\u009b'] = { type: 'string' };
    await using server = await serve((_, response) => json(response, JSON.stringify(description)));
    const { code, stdout } = await runDrift(`${server.url}/swagger.json`, ...given);
    expect(code).toBe(1);
    expect(stdout.match(/[^\P{C}\n]/gu) ?? []).toEqual([]);
    expect(stdout).toContain('GET /c: only in ours\\u009b');
    expect(stdout).not.toMatch(/^GET \/c/m);
  });

  test('continues after a broken reference, and names its operation', async () => {
    const description = JSON.parse(readFileSync(join(root, 'generated/openapi.json'), 'utf8'));
    description.components.schemas.Account.properties.balance = { $ref: 'money.yaml#/Wei' };
    await using server = await serve((_, response) => json(response, JSON.stringify(description)));
    const { code, stdout, stderr } = await runDrift(`${server.url}/swagger.json`);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('GET /accounts 200 balance: reference money.yaml#/Wei cannot be followed\n');
  });

  test('exits with 2 for what cannot be read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'octaspace-drift-'));
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{"swagger": ');
    const [missing, unreadable] = await Promise.all([runDrift(join(folder, 'none.json')), runDrift(broken)]);
    rmSync(folder, { recursive: true });
    expect([missing.code, unreadable.code]).toEqual([2, 2]);
    expect(missing.stderr).toContain('none.json cannot be read: ENOENT');
    expect(unreadable.stderr).toContain('broken.json is neither JSON nor YAML');
  });

  test.each([
    ['nothing', [], 'pass one file or URL, or use --live'],
    ['two files', ['a.json', 'b.json'], 'pass one file or URL, or use --live'],
    [
      'an unknown option',
      ['--nodes'],
      'unknown option "--nodes" for drift; known: --live, --base-url, --out, --keys, --all, --json, --help',
    ],
    ['an option of the other mode', ['--live', '--json'], '--json: only valid with a description'],
    ['an option of the live mode', ['a.json', '--out', 'b.md'], '--out: only valid with --live'],
    ['keys of a description', ['a.json', '--keys'], '--keys: only valid with --live'],
    ['no file for the report', ['--live', '--out', ''], '--out is empty'],
  ])('exits with 2 for %s', async (_, given, message) => {
    const { code, stderr } = await runDrift(...given);
    expect(code).toBe(2);
    expect(stderr.startsWith(`${message}\n\nShows the differences`)).toBe(true);
  });

  test('prints its usage with --help', async () => {
    const { code, stdout } = await runDrift('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('Exit code: 0 no drift, 1 drift, 2 misuse');
  });
});
