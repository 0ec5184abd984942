/** The program of the child: reads messages from stdin, and stops the open sessions when stdin ends. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { described, Inbox } from './messages.ts';
import { reapOpen } from './reaping.ts';

/** Signals within this time come from the keystroke that ended the process. Unit: seconds. */
const keystrokeSeconds = 1;
const inbox = new Inbox();

function say(text: string): void {
  try {
    writeSync(2, `octaspace: ${text}\n`);
  } catch {
    // The reader is gone too.
  }
}

/** Closes standard error, so that the readers of a pipe do not wait for this process. */
function fallSilent(minutes: number): void {
  say(`still stopping ${described([...inbox.open.values()])}; continuing without output for up to ${minutes} minutes`);
  try {
    closeSync(2);
    // Otherwise another file could get this number.
    openSync(devNull, 'w');
  } catch {
    // It was closed before. The sessions must still be stopped.
  }
}

function onSignal(): void {
  if (inbox.setup?.mode === 'once' && process.uptime() > keystrokeSeconds) process.exit(1);
}

async function act(): Promise<void> {
  const { setup, open, isDismissed } = inbox;
  if (isDismissed || setup === undefined || open.size === 0) return;
  if (setup.mode === 'watch') {
    say(`${setup.owner} died: stopping ${described([...open.values()])} …`);
    const { withinMs, quietAfterMs } = setup;
    setTimeout(() => fallSilent(Math.ceil((withinMs - quietAfterMs) / 60_000)), quietAfterMs).unref();
  }
  const isDone = await reapOpen(inbox, say);
  if (!isDone) process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => inbox.take(text));
// If the pipe breaks, the process at its other end is dead.
process.stdin.on('error', () => undefined);
process.stdin.once('close', () => {
  act()
    .catch((error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    })
    .finally(() => process.exit());
});
