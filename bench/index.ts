/** Runs the named benchmarks, or all of them, and prints the results. All sides of a ratio are measured in one run. */
import { availableParallelism, loadavg } from 'node:os';
import { benchAbort } from './abort.ts';
import { benchBrownOut } from './brown-out.ts';
import { benchCall } from './call.ts';
import { benchDecode } from './decode.ts';
import { benchGuards } from './guards.ts';
import { benchHostile } from './hostile.ts';
import { type Result, report } from './result.ts';
import { benchThroughput } from './throughput.ts';

const benches: Readonly<Record<string, () => Promise<readonly Result[]>>> = {
  decode: benchDecode,
  hostile: benchHostile,
  call: benchCall,
  throughput: benchThroughput,
  'brown-out': benchBrownOut,
  abort: benchAbort,
  guards: benchGuards,
};

const given = process.argv.slice(2);
const unknown = given.find((name) => !Object.hasOwn(benches, name));
if (unknown === undefined) {
  const [load = 0] = loadavg();
  const processors = availableParallelism();
  // Other processes affect the results, so say so.
  if (load > processors / 2) console.log(`The machine is busy: load ${load.toFixed(1)} on ${processors} processors.`);
  for (const [name, bench] of Object.entries(benches)) {
    if (given.length > 0 && !given.includes(name)) continue;
    for (const result of await bench()) console.log(report(result));
  }
} else {
  console.error(`unknown benchmark ${JSON.stringify(unknown)}; use ${Object.keys(benches).join(', ')}`);
  process.exitCode = 1;
}
