/** The logs of a session. */
import type { MarketSession, Sessions } from './session.ts';
import type { Switches } from './switches.ts';

const rotatedLines = 5;
const changesAfterMs = 5_000;
const hugeLine = `${'x'.repeat(1_023)}\n`;
const hugeLines = 10_240;

/** The output of the container so far. */
function written(ageMs: number, { logEveryMs, logLines }: Switches): string[] {
  const count = Math.min(logLines, Math.floor(ageMs / logEveryMs) + 1);
  return Array.from({ length: count }, (_, nth) => `line ${nth}`);
}

/** A different order each time, but the same in every run. */
function shuffled(lines: readonly string[], answers: number): string[] {
  const weight = (nth: number) => ((nth + 1) * 7_919 * (answers + 1)) % 1_009;
  return lines
    .map((line, nth) => ({ line, by: weight(nth) }))
    .sort((a, b) => a.by - b.by)
    .map(({ line }) => line);
}

function containerLog(ageMs: number, switches: Switches, answers: number): string {
  const lines = written(ageMs, switches);
  const text = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
  switch (switches.containerLog) {
    case 'normal':
      return text(lines);
    case 'shuffled':
      return text(shuffled(lines, answers));
    case 'newest-first':
      return text(lines.toReversed());
    case 're-stamped':
      return text(lines.map((line) => `[${Math.round(ageMs)}] ${line}`));
    case 'inserted':
      return text(ageMs < changesAfterMs ? lines : [...lines.slice(0, 1), 'inserted line', ...lines.slice(1)]);
    case 'rotated':
      return text(lines.slice(-rotatedLines));
    case 'huge':
      return text(lines) + (ageMs < changesAfterMs ? '' : hugeLine.repeat(hugeLines));
  }
}

/** Logs as the API sends them: in full, each time. */
export class Logs {
  readonly #sessions: Sessions;
  readonly #switches: Switches;
  readonly #openedAt: number;
  #answers = 0;

  constructor(sessions: Sessions, switches: Switches, openedAt: number) {
    this.#sessions = sessions;
    this.#switches = switches;
    this.#openedAt = openedAt;
  }

  of(session: MarketSession): object {
    const { begunAt, endedAt } = session;
    const entry = (at: number, msg: string) => ({ ts: Math.round(this.#openedAt + at), msg });
    const ended = endedAt !== undefined && this.#sessions.hasEnded(session);
    const system = [entry(begunAt, 'Container started\n'), ...(ended ? [entry(endedAt, 'Container stopped\n')] : [])];
    this.#answers += 1;
    return { system, container: containerLog(this.#sessions.ageOf(session), this.#switches, this.#answers) };
  }
}
