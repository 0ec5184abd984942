/** States of sessions, as text. */
import type { ServiceInfo, Session } from '@octaspace/sdk';

/** The usual steps of a start, in order. The API may send others. */
const usualSteps: readonly string[] = ['queued', 'preparing', 'pulling image', 'starting', 'configuring'];

const readyTexts = ['service configured', 'configured', 'running', 'ready'];

const ends: Readonly<Record<number, string>> = { 0: 'stopped', 2: 'its node died', 3: 'the balance ran out' };

function hasEnded({ finished_at = 0, termination_reason = 0 }: Session): boolean {
  return finished_at > 0 || termination_reason > 0;
}

/** Why it ended, if the API says so. */
export function endOf({ termination_reason }: Session): string {
  if (termination_reason === undefined) return 'ended';
  return ends[termination_reason] ?? `reason ${termination_reason}`;
}

export type State = 'starting' | 'ready' | 'ended';

/** The state of a session. A VPN relay is ready once it has its configuration. */
export function stateOf(info: ServiceInfo): State {
  if (hasEnded(info)) return 'ended';
  const done = info.is_ready === true || readyTexts.includes(info.progress?.toLowerCase() ?? '');
  const needsConfig = 'config' in info && (info.config === '' || info.config === undefined);
  return done && !needsConfig ? 'ready' : 'starting';
}

/** Progress of a start. Unit: percent. */
export function percentOf(info: ServiceInfo): number {
  const state = stateOf(info);
  if (state !== 'starting') return 100;
  const step = usualSteps.indexOf(info.progress?.toLowerCase() ?? '');
  return ((Math.max(0, step) + 1) / (usualSteps.length + 1)) * 100;
}
