/**
 * Weakens one rule of leases after the other, and counts how many random runs and histories detect it: `tsx test/slow/run-weakened-rules.ts
 * [runs] [histories]`. If nothing detects a weakened rule, that rule is not tested, or not needed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Code in a file of `src/leases`, and its replacement. */
type Mistake = readonly [file: 'evidence' | 'identity', from: string, to: string];

const mistakes: Readonly<Record<string, Mistake | undefined>> = {
  'nothing is weakened': undefined,
  'one miss is enough': ['evidence', 'missesBelieved && at - missingSince >= missingForMs', '1'],
  'three misses are enough, however soon': ['evidence', 'missingForMs = 60_000', 'missingForMs = 0'],
  'misses soon after the start count': ['evidence', 'appearsWithinMs = 60_000', 'appearsWithinMs = 0'],
  'a sign of life does not reset the misses': [
    'evidence',
    'aliveAt: at, misses: 0, missingSince: undefined, missedAt: undefined',
    'aliveAt: at',
  ],
  'an end is taken back': ['evidence', "if (before.verdict === 'finished') return before;", ''],
  'a recent record proves the end': ['evidence', 'return finished_at > 0 ||', 'return isRecent || finished_at > 0 ||'],
  'an end is not believed': ['evidence', 'return finished_at > 0 ||', 'return'],
  'any answer of info is a sign of life': ['evidence', 'const isFirst =', 'return true; const isFirst ='],
  'a 404 alone is a miss': ['evidence', 'const isMiss =', "const isMiss = info === 'missing' ||"],
  'a list without it is a miss': ['evidence', 'const isMiss =', "const isMiss = active === 'absent' ||"],
  'what is gone does not come back': [
    'evidence',
    "if (before.verdict === 'finished') return before;",
    "if (before.verdict === 'finished' || before.verdict === 'gone') return before;",
  ],
  'letter case tells UUIDs apart': ['identity', '.toLowerCase()', ''],
};

const entry = `
  import { countProblems, rules } from './test/support/rule-histories.ts';
  import { runPlans } from './test/support/rental-plans.ts';
  import { runSuite } from './test/support/rental-suite.ts';
  Error.stackTraceLimit = 0;
  const [runs, histories] = process.argv.slice(2).map(Number);
  const { broken } = runs > 0 ? await runSuite(runPlans(20261, runs), 'weakened', 48) : { broken: [] };
  const places = new Set(broken.map((each) => each.slice(0, each.indexOf(':'))));
  const invariants = [...new Set(broken.map((each) => /\\((\\d)\\)/.exec(each)?.[1]))].sort();
  const told = Object.values(countProblems(histories, rules)).reduce((sum, each) => sum + each, 0);
  console.log(places.size + ' of ' + runs + ' runs (invariants ' + invariants + '), ' + told + ' of ' + histories + ' histories');
  process.exit();
`;

/** Bundles the runs with one rule weakened. Throws if the code of the rule has changed. */
async function bundle(outfile: string, mistake: Mistake | undefined): Promise<void> {
  const [file, from, to] = mistake ?? ['none', '', ''];
  await build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    alias: { '@octaspace/sdk': join(root, 'src/index.ts') },
    plugins: [
      {
        name: 'weaken',
        setup: ({ onLoad }) => {
          onLoad({ filter: new RegExp(`leases/${file}\\.ts$`) }, ({ path }) => {
            const text = readFileSync(path, 'utf8');
            if (!text.includes(from)) throw new Error(`${path} does not contain ${JSON.stringify(from)}`);
            return { contents: text.replace(from, to), loader: 'ts' };
          });
        },
      },
    ],
  });
}

const [runs = '5000', histories = '20000', only = ''] = process.argv.slice(2);
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'weakened-'));
try {
  for (const [name, mistake] of Object.entries(mistakes)) {
    if (!name.includes(only)) continue;
    const outfile = join(folder, 'run.mjs');
    await bundle(outfile, mistake);
    const { stdout, stderr } = spawnSync(process.execPath, [outfile, runs, histories], { encoding: 'utf8' });
    console.log(`${name}: ${stdout.trim() || stderr}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
