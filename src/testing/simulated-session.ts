/** Sessions as the simulator shows them to a test. */
import type { Session, SimulatedService } from './session.ts';

/** A session at one time. */
export interface SimulatedSession {
  /** UUID in lower case. */
  readonly uuid: string;
  /** Kind of service: `mr`, `vpn` or `render`. */
  readonly service: SimulatedService;
  /** Number of its node. */
  readonly node_id: number;
  /** `starting` until it is ready, `ready` until its end, then `ended`. */
  readonly state: 'starting' | 'ready' | 'ended';
  /** When it began; in the future if `lateBeginMs` delays it. Unit: Unix ms. */
  readonly startedAt: number;
  /** When it ended; only if it has ended. Unit: Unix ms. */
  readonly finishedAt?: number;
  /** What it has cost so far. Unit: Wei. */
  readonly chargeWei: bigint;
  /** Only if it has ended: 0: it was stopped; 2: its node died; 3: the balance ran out. */
  readonly terminationReason?: number;
  /** Rating in the request that stopped it, 1 to 5. */
  readonly score?: number;
  /** Whether another program started it: `startForeign`, or the option `foreign`. */
  readonly foreign: boolean;
  /** Value of its variable `OCTA_LEASE_ID`, if it was started with one. */
  readonly leaseId?: string;
  /** Whether a response that arrived has contained its UUID. If not, no client can know the session. */
  readonly shown: boolean;
}

/** The current state of a session. */
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
