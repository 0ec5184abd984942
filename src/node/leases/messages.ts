/** What a process tells the child that stops its sessions, one JSON text a line. Type only, but for the code that writes and reads it. */
import type { OpenLease } from '../../core/lease-types.ts';

/** How the child reaches the API, and how long it may take. */
export interface Setup {
  /** Process, or thread, that it works for, in words. */
  readonly owner: string;
  readonly baseUrls: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly variable: string | false;
  /** `once`: a process that is ending waits for it. `watch`: it outlives that process, and has the time to prove everything. */
  readonly mode: 'once' | 'watch';
  /** How long it may take. Unit: ms. */
  readonly withinMs: number;
}

/** One line. `bye`: the process has nothing left to be stopped. */
export type Message =
  | { readonly setup: Setup }
  | { readonly key: string }
  | { readonly open: OpenLease }
  | { readonly closed: string }
  | { readonly bye: true };

/** What tells one thing that is open from the others. */
export function openId({ uuid, leaseId }: OpenLease): string {
  return uuid === undefined ? `start ${leaseId}` : uuid.toLowerCase();
}

/** A message as it is sent. */
export function lineOf(message: Message): string {
  return `${JSON.stringify(message)}\n`;
}

/** What the child knows. */
export class Inbox {
  setup: Setup | undefined;
  key: string | undefined;
  readonly open = new Map<string, OpenLease>();
  /** Whether nothing is to be done. */
  isDismissed = false;
  #rest = '';

  /** Takes text in, whole lines or not. */
  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    // A line that was cut off when its writer died is never finished.
    for (const line of lines) this.#read(JSON.parse(line));
  }

  #read(message: Message): void {
    if ('setup' in message) this.setup = message.setup;
    else if ('key' in message) this.key = message.key;
    else if ('open' in message) this.open.set(openId(message.open), message.open);
    else if ('closed' in message) this.open.delete(message.closed);
    else this.isDismissed = true;
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** What is open, in words: "2 sessions and 1 start without an answer". */
export function described(open: readonly OpenLease[]): string {
  const sessions = open.filter(({ uuid }) => uuid !== undefined).length;
  const starts = open.length - sessions;
  const parts = [
    ...(sessions > 0 ? [counted(sessions, 'session')] : []),
    ...(starts > 0 ? [`${counted(starts, 'start')} without an answer`] : []),
  ];
  return parts.join(' and ');
}

/** One thing that is open, by its name. */
export function named({ uuid, leaseId, nodeId }: OpenLease): string {
  return uuid === undefined ? `the start ${leaseId} on node ${nodeId}` : `session ${uuid}`;
}
