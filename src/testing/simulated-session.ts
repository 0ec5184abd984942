/** Sessions as a test sees them. */
import type { Session, SimulatedService } from './session.ts';

/** A session at one moment. */
export interface SimulatedSession {
  /** What the API calls it by, in lower case. */
  readonly uuid: string;
  /** Kind of service: `mr`, `vpn` or `render`. */
  readonly service: SimulatedService;
  /** Number of its node. */
  readonly node_id: number;
  /** `ready` from its readiness until its end. */
  readonly state: 'starting' | 'ready' | 'ended';
  /** Lies ahead when the lie `lateBeginMs` delays its beginning. Unit: Unix ms. */
  readonly startedAt: number;
  /** Only of a session that has ended. Unit: Unix ms. */
  readonly finishedAt?: number;
  /** What it has cost so far. Unit: Wei. */
  readonly chargeWei: bigint;
  /** Only of a session that has ended: 0 stopped, 2 its node died, 3 the balance ran out. */
  readonly terminationReason?: number;
  /** How it was rated when it was stopped, 1 to 5. */
  readonly score?: number;
  /** Whether another program has started it: `startForeign`, or the option `foreign`. */
  readonly foreign: boolean;
  /** Value of the variable `OCTA_LEASE_ID` that it was started with, if there is one. */
  readonly leaseId?: string;
  /** Whether an answer that arrived has named it: one to a start, a list, or any other. What is not shown, no client can know. */
  readonly shown: boolean;
}

/** A session as it is now. */
export function snapshot(session: Session, now: number): SimulatedSession {
  const { uuid, service, node, startedAt, finishedAt, terminationReason, score, foreign, leaseId, shown } = session;
  const running = session.isReady(now) ? 'ready' : 'starting';
  return {
    uuid,
    service,
    node_id: node.nodeId,
    state: finishedAt === undefined ? running : 'ended',
    startedAt,
    chargeWei: session.chargeAt(now),
    foreign,
    shown,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(terminationReason === undefined ? {} : { terminationReason }),
    ...(score === undefined ? {} : { score }),
    ...(leaseId === undefined ? {} : { leaseId }),
  };
}
