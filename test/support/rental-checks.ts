/** Checks a run against the state of the market: which of the six invariants of docs and matrix does it break? */
import type { SimulatedSession } from '../../src/testing/index.ts';
import type { Post, Program } from './rental-programs.ts';
import { type Order, type RunStory, weiFor, weiPerHour } from './rental-runs.ts';

/** How long after its start a session is searched for by its mark. Unit: ms. */
const lateWithinMs = 15 * 60_000;
/** How long a session may run beyond a limit if stops work at once: looks, lost responses, and a second stop. Unit: ms. */
const slackMs = 150_000;
/** The initial time of the simulator. Unit: Unix ms. */
const beginsAt = 1_776_161_866_303;

/** The invariants that a run broke, and the reasons of apparent breaches. */
export interface Judgement {
  readonly problems: readonly string[];
  readonly excused: readonly string[];
}

/** A plain refusal: the client has no reason to search for a session. */
function isRefusal({ status, text }: Post): boolean {
  if (status === undefined || text === undefined) return false;
  if ([400, 401, 403, 404, 409, 422, 429].includes(status)) return true;
  return status < 300 && !text.includes('"uuid"') && text.includes('"reason"');
}

/** Whether another node may be tried after this response. */
function mayGoOn({ status, text = '', service }: Post): boolean {
  if (status === undefined) return false;
  if ([400, 404, 409, 422].includes(status)) return true;
  if (status === 500) return service === 'mr' && text.includes('INTERNAL_ERROR');
  return status < 300 && !text.includes('"uuid"') && text.includes('"reason"');
}

class Judge {
  readonly #story: RunStory;
  readonly #sessions: ReadonlyMap<string, SimulatedSession>;
  readonly #orders = new Map<string, Order>();
  readonly #problems: string[] = [];
  readonly #excused: string[] = [];
  readonly #now: number;

  constructor(story: RunStory) {
    this.#story = story;
    this.#sessions = new Map(story.simulator.sessions.map((session) => [session.uuid, session]));
    this.#now = story.simulator.now;
    for (const order of story.orders) {
      for (const relay of order.relays) this.#orders.set(`relay ${relay}`, order);
      for (const { items } of order.program.posts) {
        for (const { mark, disk = -1 } of items) if (order.disks.has(disk)) this.#orders.set(`mark ${mark}`, order);
      }
    }
  }

  async judge(): Promise<Judgement> {
    this.#stops();
    for (const session of this.#sessions.values()) await this.#left(session);
    this.#starts();
    this.#limits();
    this.#charges();
    const { hanging, odd, claims } = this.#story;
    for (const what of hanging) this.#problem(4, `${what} never ended`);
    for (const error of odd) this.#problem(5, `${String(error)} is none of ours`);
    for (const { what, uuid, holds } of claims) {
      if (!holds && !this.#sessions.get(uuid)?.foreign) this.#problem(2, `${what}, but session ${uuid} ran`);
    }
    return { problems: this.#problems, excused: this.#excused };
  }

  #problem(invariant: number, what: string): void {
    this.#problems.push(`(${invariant}) ${what}`);
  }

  #orderOf({ service, node_id, leaseId, foreign }: SimulatedSession): Order | undefined {
    if (foreign) return undefined;
    return this.#orders.get(service === 'vpn' ? `relay ${node_id}` : `mark ${leaseId}`);
  }

  /** (1) No program stops sessions of others. */
  #stops(): void {
    const { programs, successors } = this.#story;
    for (const program of [...programs, ...successors.map((each) => each.program)]) {
      for (const { uuid, at } of program.stops) {
        const session = this.#sessions.get(uuid);
        if (session === undefined) this.#problem(1, `a session ${uuid} that never was is stopped`);
        else if (!this.#mayStop(program, session, at)) {
          this.#problem(1, `${session.foreign ? 'foreign' : "somebody else's"} session ${uuid} is stopped`);
        }
      }
    }
  }

  #mayStop(program: Program, session: SimulatedSession, at: number): boolean {
    const order = this.#orderOf(session);
    if (order?.program === program) return true;
    const isSwept = this.#story.sweeps.some((sweep) => {
      const isMeant = sweep.service === undefined || sweep.service === session.service;
      return sweep.program === program && sweep.from <= at && isMeant;
    });
    if (isSwept) return true;
    if (order === undefined || program.ledger === undefined || program.ledger !== order.program.ledger) return false;
    const { diedAt, closedAt } = order.program;
    return Math.min(diedAt ?? at + 1, closedAt ?? at + 1) <= at || this.#isOverdue(order, session, at);
  }

  /** Whether a limit of a session was exceeded more than a minute ago, so that any process with the ledger may stop it. */
  #isOverdue(order: Order, { uuid, startedAt }: SimulatedSession, at: number): boolean {
    const { action, guarded } = order;
    // The limits of a rental apply from its start, even if it fails.
    const own = isRental(action) ? [action.limits] : [];
    const given = guarded.flatMap((each) => (each.uuid === uuid ? [each.limits] : []));
    return [...own, ...given].some(({ maxDurationMs, maxSpendSeconds = Number.POSITIVE_INFINITY }) => {
      const limitMs = Math.min(maxDurationMs ?? Number.POSITIVE_INFINITY, maxSpendSeconds * 1000);
      return at - startedAt > limitMs + 59_000;
    });
  }

  /** (2, 3) A running session is held, reported, or in a ledger. */
  async #left(session: SimulatedSession): Promise<void> {
    if (session.state === 'ended' || session.foreign) return;
    const order = this.#orderOf(session);
    if (order === undefined) return this.#problem(2, `session ${session.uuid} is of no order`);
    const what = `${session.service} session ${session.uuid} of a ${order.action.kind}`;
    const excuse = this.#excuse(session, order);
    if (excuse !== undefined) this.#excused.push(excuse);
    else if (order.program.isDead) await this.#leftByDead(session, order, what);
    else this.#leftByLiving(session, order, what);
  }

  #isVisible({ service }: SimulatedSession): boolean {
    return service !== 'vpn' && !this.#story.simulator.conditions.hideVariables;
  }

  #postOf(session: SimulatedSession, { program }: Order): Post | undefined {
    const isOf = ({ items }: Post) =>
      items.some(({ mark, node }) =>
        session.leaseId === undefined ? mark === undefined && node === session.node_id : mark === session.leaseId,
      );
    return program.posts.find(isOf);
  }

  #isDuplicate({ uuid, leaseId, node_id, service }: SimulatedSession): boolean {
    return [...this.#sessions.values()].some((other) => {
      if (other.foreign || other.uuid === uuid) return false;
      return service === 'vpn' ? other.node_id === node_id : other.leaseId === leaseId;
    });
  }

  /** Whether another session of the same start had ended before its program died. */
  #isFirstOver({ uuid, leaseId, node_id, service }: SimulatedSession, { diedAt = 0 }: Program): boolean {
    return [...this.#sessions.values()].some((other) => {
      const isOther =
        other.uuid !== uuid && (service === 'vpn' ? other.node_id === node_id : other.leaseId === leaseId);
      return isOther && (other.finishedAt ?? Number.POSITIVE_INFINITY) <= diedAt;
    });
  }

  /** Why no rule can see a session; undefined if one can. */
  #excuse(session: SimulatedSession, order: Order): string | undefined {
    const { uuid } = session;
    const { program } = order;
    if (program.isDead && program.ledger === undefined) return 'its program is dead, and had no ledger';
    if (order.given.has(uuid)) return undefined;
    const post = this.#postOf(session, order);
    const isNamed = post?.text?.toLowerCase().includes(uuid) === true;
    const isRefused = post !== undefined && isRefusal(post);
    const isDuplicate = this.#isDuplicate(session);
    if (isNamed || (!isRefused && !isDuplicate)) return undefined;
    const why = isRefused ? 'its start was refused' : 'its start began two';
    if (!this.#isVisible(session)) return `${why}, and it shows no mark`;
    const { successors } = this.#story;
    const later = successors.filter((each) => each.program.ledger === program.ledger).map((each) => each.program);
    // A ledger has no records of refused starts, or of sessions that are over.
    const watchers = isRefused || !program.isDead ? [program] : [program, ...later];
    const { at: postedAt = 0 } = post ?? {};
    const isListed = watchers.some((each) => {
      const at = each.listedAt.get(uuid);
      return at !== undefined && at > postedAt && (each !== program || this.#wasWatched(each, postedAt));
    });
    if (isListed) return undefined;
    return session.shown
      ? `${why}, and its program never read a list that shows it`
      : `${why}, and no answer ever showed it`;
  }

  /** Whether a program may still have the marks of a start. */
  #wasWatched({ closedAt }: Program, postedAt: number): boolean {
    return (closedAt ?? Number.POSITIVE_INFINITY) > postedAt && this.#now > postedAt + lateWithinMs;
  }

  #leftByLiving(session: SimulatedSession, order: Order, what: string): void {
    const { uuid, leaseId } = session;
    const { program, given, kept } = order;
    if (kept.has(uuid)) return;
    const byUuid = program.named(uuid, undefined);
    if (program.closedAt !== undefined) {
      if (!program.named(uuid, leaseId) && !this.#isNamedByLease(session, order))
        this.#problem(2, `${what} runs untold, after its client was closed`);
    } else if (given.has(uuid)) this.#problem(2, `${what} runs although its scope has ended${byUuid ? ', told' : ''}`);
    else if (!this.#isVisible(session)) {
      if (!program.named(uuid, leaseId) && !this.#isNamedByLease(session, order)) {
        this.#problem(2, `${what} runs untold, without a mark to see`);
      }
    } else if (isRental(order.action)) {
      this.#problem(2, `${what} runs although nobody has it${byUuid ? ', told' : ''}`);
    } else if (!byUuid) this.#problem(2, `${what} runs untold`);
  }

  /** A relay has no mark, but the error of its start has a lease id, which is all that can be reported. */
  #isNamedByLease({ service }: SimulatedSession, { program, disks }: Order): boolean {
    return (
      service === 'vpn' &&
      program.told.some((line) => /^[0-9a-f-]{36}$|\(lease [0-9a-f-]{36}/.test(line)) &&
      disks.size > 0
    );
  }

  async #leftByDead(session: SimulatedSession, order: Order, what: string): Promise<void> {
    const { uuid, leaseId } = session;
    const { program, kept } = order;
    const { ledgers, successors } = this.#story;
    const records = (await ledgers.get(program)?.list()) ?? [];
    const record = records.find((each) => {
      if (!('leaseId' in each)) return false;
      return each.leaseId === leaseId || each.uuid?.toLowerCase() === uuid || isOfRelay(each.nodeId, session);
    });
    const successor = successors.find((each) => each.program.ledger === program.ledger);
    const told = successor?.program.named(uuid, leaseId) === true;
    const isAdopted = this.#story.adopted.has(uuid);
    if (isAdopted) return;
    // A ledger can store only one of two sessions of a start.
    const isSecond = this.#isDuplicate(session);
    if (isSecond && !this.#isVisible(session) && program.named(uuid, undefined)) return;
    const isPlain = order.action.kind === 'start' || order.action.kind === 'startMany';
    if (isPlain && record === undefined && program.named(uuid, undefined)) {
      this.#excused.push('it was told to the caller of a plain start, whose program died then');
      return;
    }
    if (isSecond && record === undefined && this.#isFirstOver(session, program)) {
      this.#excused.push('its start began two, and the first was over, and forgotten, before its program died');
      return;
    }
    if (record === undefined && !told) this.#problem(2, `${what} runs, its program is dead, and no ledger knows it`);
    const isSeen = successor?.program.listedAt.has(uuid) === true;
    if (!kept.has(uuid) && isSeen && this.#isVisible(session)) {
      this.#problem(2, `${what} runs although who came after its dead program saw it`);
    }
    return undefined;
  }

  /** (3) Another start is sent only after a response that allows it. */
  #starts(): void {
    for (const { program, disks, relays, action } of this.#story.orders) {
      const keys = [...disks, ...relays.map((relay) => -relay)];
      const groups = action.kind === 'rentMany' || action.kind === 'startMany' ? keys.map((key) => [key]) : [keys];
      for (const group of groups) {
        const posts = program.posts.filter(({ items }) =>
          items.some(({ disk, node }) => group.includes(disk ?? -node)),
        );
        const wrong = posts.slice(0, -1).find((post) => !mayGoOn(post));
        if (wrong !== undefined)
          this.#problem(3, `another start after status ${wrong.status}: ${wrong.text?.slice(0, 80)}`);
      }
    }
  }

  /** (6) A guard's limit holds, within the tolerance of the conditions. */
  #limits(): void {
    const { orders, simulator } = this.#story;
    const { lies, lag } = simulator.conditions;
    const allowedMs = slackMs + lies.ignoredForMs + lies.slowStopMs + lag.stopMs;
    for (const { program, guarded } of orders) {
      if (program.isDead || program.closedAt !== undefined) continue;
      for (const { uuid, limits, isDone } of guarded) {
        const session = this.#sessions.get(uuid);
        if (session === undefined) continue;
        const { startedAt, finishedAt, chargeWei } = session;
        const { maxDurationMs, maxSpendSeconds, unknownCharge } = limits;
        const ranMs = (finishedAt ?? this.#now) - startedAt;
        if (maxDurationMs !== undefined && ranMs > maxDurationMs + allowedMs) {
          this.#problem(6, `session ${uuid} ran ${ranMs} ms, allowed were ${maxDurationMs}`);
        }
        const isCharged = lies.noCharge === 0 || unknownCharge === 'stop';
        if (maxSpendSeconds !== undefined && isCharged && chargeWei > weiFor(maxSpendSeconds + allowedMs / 1000 + 60)) {
          this.#problem(6, `session ${uuid} cost what ${maxSpendSeconds} s cost, and ${(ranMs / 1000) | 0} s`);
        }
        const mustEnd = maxDurationMs !== undefined || finishedAt !== undefined;
        if (mustEnd && !isDone) this.#problem(4, `the guard of session ${uuid} never ended`);
      }
    }
  }

  /** Charges add up to the Wei. */
  #charges(): void {
    const { simulator, balanceWei } = this.#story;
    const sessions = [...this.#sessions.values()];
    const sum = sessions.reduce((total, { chargeWei }) => total + chargeWei, 0n);
    if (sum !== simulator.spent) this.#problem(6, `charges of ${sum} are ${simulator.spent} in all`);
    const paidBefore = sessions.reduce((total, { foreign, startedAt, node_id }) => {
      const seconds = foreign && startedAt < beginsAt ? Math.floor((beginsAt - startedAt) / 1000) : 0;
      return total + ((weiPerHour - BigInt(node_id)) * BigInt(seconds)) / 3_600n;
    }, 0n);
    if (balanceWei + paidBefore - sum !== simulator.balance) this.#problem(6, 'the balance is not what is left');
  }
}

/** Whether an order has its own limits, and its sessions end with it. */
function isRental(action: Order['action']): action is Order['action'] & { readonly kind: 'rent' | 'rentMany' | 'run' } {
  return action.kind === 'rent' || action.kind === 'rentMany' || action.kind === 'run';
}

function isOfRelay(nodeId: number, { service, node_id }: SimulatedSession): boolean {
  return service === 'vpn' && nodeId === node_id;
}

/** The invariants that a run broke. */
export function judge(story: RunStory): Promise<Judgement> {
  return new Judge(story).judge();
}
