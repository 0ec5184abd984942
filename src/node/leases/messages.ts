/** The messages from a process to the child that stops its sessions: one JSON text per line. */
import type { OpenLease } from '../../core/lease-types.ts';

/** How the child reaches the API, and how long it may take. */
export interface Setup {
  /** Name of the process or thread that the child serves, for messages. */
  readonly owner: string;
  readonly baseUrls: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly variable: string | false;
  /** `once`: an ending process waits for the child. `watch`: the child outlives the process, and has time for every proof. */
  readonly mode: 'once' | 'watch';
  /** How long it may take. Unit: ms. */
  readonly withinMs: number;
  /** After this time, a child that outlives the process closes its standard error. Unit: ms. */
  readonly quietAfterMs: number;
}

/** One line. `bye`: the process has nothing left to stop. */
export type Message =
  | { readonly setup: Setup }
  | { readonly key: string }
  | { readonly open: OpenLease }
  | { readonly closed: string }
  | { readonly bye: true };

/** A unique id of an open session or start. */
export function openId({ uuid, leaseId }: OpenLease): string {
  return uuid === undefined ? `start ${leaseId}` : uuid.toLowerCase();
}

/** A message as text. */
export function lineOf(message: Message): string {
  return `${JSON.stringify(message)}\n`;
}

/** The state of the child, from the messages. */
export class Inbox {
  setup: Setup | undefined;
  key: string | undefined;
  readonly open = new Map<string, OpenLease>();
  /** Whether the process has told the child to exit without stopping anything. */
  isDismissed = false;
  #rest = '';

  /** Adds received text, which may end within a line. */
  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    // A line that was cut off when its writer died is ignored.
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

/** Describes what is open: "2 sessions and 1 start without a response". */
export function described(open: readonly OpenLease[]): string {
  const sessions = open.filter(({ uuid }) => uuid !== undefined).length;
  const starts = open.length - sessions;
  const parts = [
    ...(sessions > 0 ? [counted(sessions, 'session')] : []),
    ...(starts > 0 ? [`${counted(starts, 'start')} without a response`] : []),
  ];
  return parts.join(' and ');
}

/** Describes one open session or start. */
export function named({ uuid, leaseId, nodeId }: OpenLease): string {
  return uuid === undefined ? `start ${leaseId} on node ${nodeId}` : `session ${uuid}`;
}
