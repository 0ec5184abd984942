/** Packs the package, and runs the conformance suite with it on every runtime. Prints one line per lane. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { buildAndPack } from './package/pack.ts';
import { demand, Failed } from './package/run.ts';
import { runChromium } from './runtimes/chromium.ts';
import { type Family, isVersion, type Lane, lanesFor } from './runtimes/lanes.ts';
import { checkPage } from './runtimes/page.ts';
import { type Outcome, runProcess } from './runtimes/processes.ts';
import { makeProject } from './runtimes/project.ts';
import { runWorkerd } from './runtimes/workerd.ts';

type Run = (lane: Lane, project: string) => Promise<Outcome>;

const runs = {
  node: runProcess,
  bun: runProcess,
  deno: runProcess,
  workerd: runWorkerd,
  chromium: runChromium,
} satisfies Record<Family, Run>;

function indented(text: string): string {
  return text.replace(/^/gm, '      ');
}

/** The message of a failure of the whole lane. */
function wordsOf(error: unknown): string {
  return error instanceof Failed ? error.message : inspect(error);
}

/** Runs one lane and prints the result. Returns whether all tests passed. */
async function runLane(lane: Lane, project: string): Promise<boolean> {
  const { name, runtime, family, version: wanted } = lane;
  const begun = performance.now();
  const line = (mark: string, what: string) => {
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    console.log(`${mark.padEnd(5)} ${name.padEnd(19)} ${runtime}${what}, ${seconds} s`);
  };
  try {
    const { version, results } = await runs[family](lane, project);
    demand(wanted === 'current' || isVersion(version, wanted), `it ran ${version} instead of ${wanted}`);
    demand(results.length > 0, 'it ran no test');
    const failed = results.filter(({ failure }) => failure !== undefined);
    line(
      failed.length === 0 ? 'ok' : 'FAIL',
      ` ${version}: ${results.length - failed.length} passed, ${failed.length} failed`,
    );
    for (const { title, failure = '' } of failed) console.log(`${indented(title)}\n${indented(indented(failure))}`);
    return failed.length === 0;
  } catch (error) {
    line('FAIL', ': it did not run to its end');
    console.log(indented(wordsOf(error)));
    return false;
  }
}

async function runLanes(lanes: readonly Lane[]): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-runtimes-'));
  try {
    const packed = await buildAndPack(join(folder, 'packed'));
    const project = await makeProject(join(folder, 'project'), packed);
    let passed = true;
    for (const lane of lanes) passed = (await runLane(lane, project)) && passed;
    return passed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const lanes = lanesFor(process.argv.slice(2));
  checkPage();
  if (!(await runLanes(lanes))) process.exitCode = 1;
} catch (error) {
  console.error(wordsOf(error));
  process.exitCode = 1;
}
