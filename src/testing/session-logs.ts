/** The logs of a session up to a given time. */
import type { Session } from './session.ts';

/** One entry of the system log. */
interface SystemEntry {
  readonly ts: number;
  readonly msg: string;
}

const messages: Readonly<Record<string, string>> = {
  queued: 'Session queued\n',
  preparing: 'Preparing the node\n',
  'pulling image': 'Pulling image\nLayer 1/3: waiting\nLayer 2/3: waiting\nLayer 3/3: waiting\n',
  starting: 'Starting the service\n',
  configuring: 'Layer 1/3: done\nLayer 2/3: done\nLayer 3/3: done\nContainer started\n',
  'service configured': 'service configured',
};

function system(session: Session, now: number): SystemEntry[] {
  const entries = session
    .progressUntil(now)
    .map(({ at, progress }) => ({ ts: at, msg: messages[progress] ?? progress }));
  const { finishedAt, terminationReason } = session;
  if (finishedAt === undefined) return entries;
  return [...entries, { ts: finishedAt, msg: `Container stopped\nReason: ${terminationReason}\n` }];
}

/** One line per second at first, then one per minute. */
function lineCount(seconds: number): number {
  return seconds < 30 ? seconds : 30 + Math.floor((seconds - 30) / 60);
}

function container(session: Session, now: number): string {
  if (session.output !== undefined) return session.output;
  const end = Math.min(now, session.finishedAt ?? Number.POSITIVE_INFINITY);
  if (session.service !== 'mr' || end < session.readyAt) return '';
  const count = lineCount(Math.floor((end - session.readyAt) / 1000));
  const lines = Array.from({ length: count }, (_, index) =>
    index % 7 === 6 ? `step ${index + 1}: checkpoint\n  saved to /workspace` : `step ${index + 1}: ok`,
  );
  return ['Container output begins', ...lines, ''].join('\n');
}

/** The logs of a session, as the API sends them. */
export function sessionLogs(session: Session, now: number): { system: SystemEntry[]; container: string } {
  return { system: system(session, now), container: container(session, now) };
}
