/** The conformance suite: what the SDK promises, asked of whatever runtime it is loaded in. Needs nothing but the package. */
import { answers } from './answers.ts';
import { attempts } from './attempts.ts';
import { clients } from './clients.ts';
import { endings } from './endings.ts';
import { errors } from './errors.ts';
import { Kit, type Test } from './kit.ts';
import { nodeTransport, withoutNodeTransport } from './node-transport.ts';
import { requests } from './requests.ts';
import { simulated } from './simulated.ts';
import type { Modules, Task, TestResult } from './types.ts';

const limitMs = 20_000;

/** What went wrong, down to the bottom of it. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const text = error.stack?.includes(error.message) ? error.stack : `${error}\n${error.stack}`;
  return cause === undefined ? text : `${text}\ncaused by ${wordsOf(cause)}`;
}

/** Runs a test to its end, or to the limit. */
async function attempt(run: () => Promise<void>): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not ended within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([run(), late]);
    return undefined;
  } catch (error) {
    return wordsOf(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether something is there that was to be taken away before the SDK was loaded. */
const theRuntime: Test = [
  'What this run is to do without is not there.',
  async ({ task: { without } }) => {
    if (without === undefined) return;
    const [holder = '', name = ''] = without.split('.');
    const found: unknown = Reflect.get(Reflect.get(globalThis, holder), name);
    if (found !== undefined) throw new Error(`${without} is there`);
  },
];

/** Every test for this runtime. */
function testsFor(kit: Kit): Test[] {
  const always = [theRuntime, ...requests, ...answers, ...errors, ...endings, ...attempts, ...clients, ...simulated];
  if (kit.modules.node === undefined) return always;
  return [...always, ...(kit.isExcepted('no-node-transport') ? withoutNodeTransport : nodeTransport)];
}

/** Runs every test, one after the other; `onResult` is told of each. */
export async function runSuite(
  modules: Modules,
  task: Task,
  onResult: (result: TestResult) => void = () => undefined,
): Promise<TestResult[]> {
  const kit = new Kit(modules, task);
  const results: TestResult[] = [];
  for (const [title, run] of testsFor(kit)) {
    const begun = performance.now();
    const failure = await attempt(() => run(kit));
    const ms = Math.round(performance.now() - begun);
    const result = { title, ms, ...(failure === undefined ? {} : { failure }) };
    results.push(result);
    onResult(result);
  }
  return results;
}
