/** Runs `npm run demo`, and prints its output as JSON: each line with its time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { root } from '../package/run.ts';

const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo.ts'], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = once(child, 'close');
const startedAt = performance.now();
const lines: { text: string; atMs: number }[] = [];
for await (const text of createInterface({ input: child.stdout })) {
  lines.push({ text, atMs: Math.round(performance.now() - startedAt) });
}
const [code] = await ended;
if (code !== 0) throw new Error(`the demo ended with ${code}`);
console.log(JSON.stringify(lines));
