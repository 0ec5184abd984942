/** Runs every benchmark and prints ratios; all sides of a ratio are measured in the same run. */
import { benchCall } from './call.ts';
import { benchDecode } from './decode.ts';

for (const bench of [benchDecode, benchCall]) {
  const { what, measured, ratio, target } = await bench();
  const verdict = ratio <= target ? 'within' : 'beyond';
  console.log(`${what}\n  ${measured}: × ${ratio.toFixed(2)} (${verdict} the target of × ${target})`);
}
