/**
 * Runs npm scripts in lanes: `tsx scripts/side-by-side.ts one,two three` runs `one` and then `two`, and at the same time `three`. A lane
 * ends at its first failure. The output of a script is shown when it has ended.
 */
import { spawn } from 'node:child_process';

/** Whether a script succeeded. */
async function succeeds(name: string): Promise<boolean> {
  const child = spawn('npm', ['run', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  process.stdout.write(Buffer.concat(printed));
  if (code !== 0) console.log(`npm run ${name} failed`);
  return code === 0;
}

async function runLane(names: readonly string[]): Promise<boolean> {
  for (const name of names) if (!(await succeeds(name))) return false;
  return true;
}

const lanes = process.argv.slice(2).map((lane) => lane.split(','));
if (lanes.length === 0) throw new Error('missing lanes; write one or more lists of npm scripts, such as one,two three');
const results = await Promise.all(lanes.map(runLane));
if (results.includes(false)) process.exitCode = 1;
