/** The child that stops the sessions of a process, as a program: it reads from its input what there is, and acts when that ends. */
import { writeSync } from 'node:fs';
import { described, Inbox } from './messages.ts';
import { reapOpen } from './reaping.ts';

/** Signals within this time belong to the keystroke that ended the process. Unit: seconds. */
const keystrokeSeconds = 1;
const inbox = new Inbox();

function say(text: string): void {
  try {
    writeSync(2, `octaspace: ${text}\n`);
  } catch {
    // Whoever read it is gone, too.
  }
}

function onSignal(): void {
  if (inbox.setup?.mode === 'once' && process.uptime() > keystrokeSeconds) process.exit(1);
}

async function act(): Promise<void> {
  const { setup, open, isDismissed } = inbox;
  if (isDismissed || setup === undefined || open.size === 0) return;
  if (setup.mode === 'watch') {
    say(`${setup.owner} ended without a farewell: stopping ${described([...open.values()])} …`);
  }
  const isDone = await reapOpen(inbox, say);
  if (!isDone) process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => inbox.take(text));
// However the pipe breaks, whoever held its other end is gone.
process.stdin.on('error', () => undefined);
process.stdin.once('close', () => {
  act()
    .catch((error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    })
    .finally(() => process.exit());
});
