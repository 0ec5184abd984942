/**
 * The rules of leases against a minimal marketplace: no HTTP, no client, only the decisions which session is ours and which is
 * over. To change a rule, try it here first, on any number of hostile histories.
 */
import type { ServiceInfo, Session } from '../../generated/models.ts';
import { type Evidence, firstEvidence, isOver, type Sighting, see } from '../../src/leases/evidence.ts';
import { keyOf, markOf } from '../../src/leases/identity.ts';
import { Random } from '../../src/testing/random.ts';

const variable = 'OCTA_LEASE_ID';
const second = 1_000;
const minute = 60 * second;

/** One session of the marketplace. Unit of all times: ms since the order. */
interface Rented {
  readonly uuid: string;
  readonly node: number;
  readonly mark: string | undefined;
  readonly isOurs: boolean;
  readonly beginsAt: number;
  readonly vanishesAt: number;
  readonly vanishesFor: number;
  /** Until when stops have no effect; drawn at the first stop. */
  ignoredUntil: number | undefined;
  endsAt: number;
}

const neither = Array.from({ length: 6 }, () => undefined);

/** The faults of the marketplace, each within the bounds of the lifecycle matrix. */
function drawConditions(random: Random) {
  const either = (value: number) => (random.chance(0.5) ? value : 0);
  return {
    listLagMs: either(random.integer(1, 30)) * second,
    infoLagMs: either(random.integer(1, 20)) * second,
    endLagMs: either(random.integer(1, 15)) * second,
    /** Lag of the active list, which may show a session that has ended in the recent list. */
    lingersMs: either(random.integer(1, 60)) * second,
    stopLagMs: either(random.integer(1, 20)) * second,
    beginsLateMs: either(random.integer(1, 30)) * second,
    emptyLists: either(0.2),
    lostInfo: either(0.2),
    lostAnswers: either(0.2),
    vanishing: either(0.5),
    ignoredStops: either(0.5),
    wrongStop404: either(0.3),
    doubles: either(0.2),
    ghostInfo: random.chance(0.5),
    recentShowsRunning: random.chance(0.5),
    hidesVariables: random.chance(0.25),
    hidesFigures: random.chance(0.2),
    /** One of the two does not show running sessions, so the other must suffice. */
    silent: random.pick(['info', 'lists', ...neither]),
    upperCase: random.chance(0.5),
  };
}

/** An occasional lie, at most once in three responses: one empty list among full ones, one 404 among successes. */
class Glitch {
  readonly #random: Random;
  readonly #share: number;
  #rest = 0;

  constructor(random: Random, share: number) {
    this.#random = random;
    this.#share = share;
  }

  strikes(): boolean {
    this.#rest--;
    if (this.#rest > 0 || !this.#random.chance(this.#share)) return false;
    this.#rest = 3;
    return true;
  }
}

/** The response to a stop; undefined if there is none. */
type StopAnswer = 200 | 404 | undefined;

/** A marketplace with the sessions of one account, ours and those of others. */
class Marketplace {
  readonly random: Random;
  readonly conditions: ReturnType<typeof drawConditions>;
  readonly sessions: Rented[] = [];
  readonly #emptyLists: Glitch;
  readonly #lostInfo: Glitch;

  constructor(random: Random) {
    this.random = random;
    this.conditions = drawConditions(random.fork('conditions'));
    this.#emptyLists = new Glitch(random.fork('lists'), this.conditions.emptyLists);
    this.#lostInfo = new Glitch(random.fork('info'), this.conditions.lostInfo);
  }

  begin(init: Pick<Rented, 'node' | 'mark' | 'isOurs' | 'beginsAt'>): Rented {
    const { random, conditions } = this;
    const session = {
      ...init,
      uuid: random.uuid(),
      vanishesAt: random.chance(conditions.vanishing) ? init.beginsAt + random.integer(10, 90) * second : Infinity,
      vanishesFor: random.integer(5, 25) * second,
      ignoredUntil: undefined,
      endsAt: Infinity,
    };
    this.sessions.push(session);
    return session;
  }

  /** A UUID in one of the spellings of the API. */
  spelt(uuid: string): string {
    return this.conditions.upperCase && this.random.chance(0.5) ? uuid.toUpperCase() : uuid;
  }

  #isShown({ beginsAt, vanishesAt, vanishesFor }: Rented, at: number, lagMs: number): boolean {
    return at >= beginsAt + lagMs && !(at >= vanishesAt && at < vanishesAt + vanishesFor);
  }

  #entry({ uuid, node, mark, beginsAt, endsAt }: Rented, at: number): Session {
    const { hidesVariables, hidesFigures } = this.conditions;
    const duration = Math.floor((Math.min(at, endsAt) - beginsAt) / second);
    const envs: Record<string, string> = mark === undefined ? {} : { [variable]: mark };
    return {
      uuid: this.spelt(uuid),
      service: 'mr',
      node_id: node,
      ...(hidesVariables ? {} : { user_envs: envs }),
      ...(hidesFigures ? {} : { duration, charge_amount: BigInt(duration) * 1_000n }),
    };
  }

  active(at: number): Session[] {
    if (this.#emptyLists.strikes() || this.conditions.silent === 'lists') return [];
    const { listLagMs, endLagMs, lingersMs } = this.conditions;
    const isListed = (each: Rented) => this.#isShown(each, at, listLagMs) && at < each.endsAt + endLagMs + lingersMs;
    return this.sessions.filter(isListed).map((each) => this.#entry(each, at));
  }

  recent(at: number): Session[] {
    const { listLagMs, endLagMs, silent } = this.conditions;
    const recentShowsRunning = this.conditions.recentShowsRunning && silent !== 'lists';
    return this.sessions.flatMap((each) => {
      if (at >= each.endsAt + endLagMs) return [{ ...this.#entry(each, at), finished_at: each.endsAt }];
      const isRunning = at < each.endsAt && this.#isShown(each, at, listLagMs);
      return recentShowsRunning && isRunning ? [this.#entry(each, at)] : [];
    });
  }

  info(uuid: string, at: number): ServiceInfo | 'missing' {
    const session = this.sessions.find((each) => each.uuid === keyOf(uuid));
    const { infoLagMs, silent } = this.conditions;
    if (session === undefined || silent === 'info' || at < session.beginsAt + infoLagMs) return 'missing';
    if (at >= session.endsAt) return this.conditions.ghostInfo ? this.#entry(session, session.endsAt) : 'missing';
    const isHidden = !this.#isShown(session, at, 0) || this.#lostInfo.strikes();
    return isHidden ? 'missing' : this.#entry(session, at);
  }

  stop(uuid: string, at: number): StopAnswer {
    const { stopLagMs, wrongStop404, ignoredStops, lostAnswers } = this.conditions;
    const session = this.sessions.find((each) => each.uuid === keyOf(uuid));
    const isLost = this.random.chance(lostAnswers);
    const isKnown = session !== undefined && at >= session.beginsAt + stopLagMs && at < session.endsAt;
    if (!isKnown || this.random.chance(wrongStop404)) return isLost ? undefined : 404;
    session.ignoredUntil ??= this.random.chance(ignoredStops) ? at + this.random.integer(5, 60) * second : at;
    if (at >= session.ignoredUntil) session.endsAt = at;
    return isLost ? undefined : 200;
  }
}

/** What is known in the search for a session. */
export interface SearchFacts {
  /** The mark of the start. */
  readonly mark: string;
  readonly node: number;
  /** Keys of the sessions in the list before the start. */
  readonly before: ReadonlySet<string>;
  /** How long ago the start was sent. Unit: ms. */
  readonly sentAgoMs: number;
}

/** The decisions of the rules. */
export interface Rules {
  /** Which of the active sessions is ours. */
  readonly ours: (sessions: readonly Session[], facts: SearchFacts) => Session | undefined;
  /** Whether a session is over. `stopAnswer` is that of the last stop, if any was sent. */
  readonly over: (evidence: Evidence, stopAnswer: StopAnswer) => boolean;
}

/** The rules in use. */
export const rules: Rules = {
  ours: (sessions, { mark }) => sessions.find((session) => markOf(session, variable) === mark),
  over: isOver,
};

/** Rejected: if only one session on the node is new and not older than the start, it is ours. */
export const adoptionByAge: Rules = {
  ...rules,
  ours: (sessions, { node, before, sentAgoMs }) => {
    const toleranceMs = 5 * second;
    const mayBe = sessions.filter(({ uuid, node_id, duration }) => {
      const isYoung = duration === undefined || duration * second <= sentAgoMs + toleranceMs;
      return node_id === node && !before.has(keyOf(uuid)) && isYoung;
    });
    const keys = new Set(mayBe.map(({ uuid }) => keyOf(uuid)));
    return keys.size === 1 ? mayBe[0] : undefined;
  },
};

/** Rejected: a stop response with 2xx or 404 proves the end. */
export const answeredStops: Rules = {
  ...rules,
  over: (evidence, stopAnswer) => isOver(evidence) || stopAnswer !== undefined,
};

/** The result of one history. */
export interface Outcome {
  /** The broken rules; empty if all rules held. */
  readonly problems: readonly string[];
  readonly conditions: Marketplace['conditions'];
}

/** One order according to the rules: start, search, use, stop until it is over. */
class Story {
  readonly #market: Marketplace;
  readonly #random: Random;
  readonly #rules: Rules;
  readonly #mark = 'mark-of-ours';
  readonly #problems: string[] = [];
  #at = 0;

  constructor(seed: string, given: Rules) {
    const random = new Random(seed);
    this.#market = new Marketplace(random.fork('market'));
    this.#random = random.fork('story');
    this.#rules = given;
  }

  tell(): Outcome {
    const { conditions, sessions } = this.#market;
    this.#others();
    const before = new Set(this.#market.active(0).map(({ uuid }) => keyOf(uuid)));
    const uuid = this.#start() ?? this.#search(before);
    if (uuid !== undefined) this.#hold(uuid);
    const wronged = sessions.filter(({ isOurs, endsAt }) => !isOurs && endsAt !== Infinity);
    if (wronged.length > 0) this.#problems.push('a session of somebody else was stopped');
    return { problems: this.#problems, conditions };
  }

  /** Sessions of others: old ones, and some that begin on the same node at about the same time. */
  #others(): void {
    for (let count = this.#random.integer(0, 3); count > 0; count--) {
      const beginsAt = this.#random.chance(0.5)
        ? this.#random.integer(-90, 30) * second
        : -this.#random.integer(1, 9) * 60 * minute;
      const mark = this.#random.pick([undefined, `mark-${count}`, this.#mark.toUpperCase()]);
      this.#market.begin({ node: this.#random.integer(1, 2), mark, isOurs: false, beginsAt });
    }
  }

  /** Sends the start. Returns the UUID, if the response arrives. */
  #start(): string | undefined {
    const { beginsLateMs, doubles } = this.#market.conditions;
    const fate = this.#random.pick(['answered', 'answered', 'lost', 'dead']);
    if (fate === 'dead') return undefined;
    const begin = () =>
      this.#market.begin({ node: 1, mark: this.#mark, isOurs: true, beginsAt: this.#random.integer(0, beginsLateMs) });
    const { uuid } = begin();
    if (this.#random.chance(doubles)) begin();
    return fate === 'answered' ? this.#market.spelt(uuid) : undefined;
  }

  #search(before: ReadonlySet<string>): string | undefined {
    for (let waitMs = second; this.#at < minute; waitMs = Math.min(2 * waitMs, 8 * second)) {
      const facts = { mark: this.#mark, node: 1, before, sentAgoMs: this.#at };
      const found = this.#rules.ours(this.#market.active(this.#at), facts);
      if (found !== undefined) return found.uuid;
      this.#at += waitMs;
    }
    return undefined;
  }

  /** Looks at a session, and stops it from some time on, until it is over by the rules. */
  #hold(uuid: string): void {
    const session = this.#market.sessions.find((each) => each.uuid === keyOf(uuid));
    if (session === undefined) return;
    let evidence = firstEvidence(this.#at);
    let stopAnswer: StopAnswer;
    let stoppedAt = Number.NEGATIVE_INFINITY;
    const stopFrom = this.#at + this.#random.integer(1, 300) * second;
    // Some sessions end by themselves.
    if (session.isOurs && this.#random.chance(0.2))
      session.endsAt = session.beginsAt + this.#random.integer(1, 300) * second;
    for (const endsAt = this.#at + 30 * minute; this.#at < endsAt; ) {
      evidence = this.#look(uuid, evidence);
      if (this.#rules.over(evidence, stopAnswer)) {
        if (session.endsAt > this.#at) this.#problems.push('a session that runs was taken for over');
        else this.#lookAgain(uuid, evidence);
        return;
      }
      const goesOn = stopAnswer !== 200 || (evidence.aliveAt ?? 0) > stoppedAt;
      if (this.#at >= stopFrom && this.#at - stoppedAt >= 5 * second && goesOn) {
        stopAnswer = this.#market.stop(uuid, this.#at);
        stoppedAt = this.#at;
      }
      this.#at += this.#random.integer(1, 30) * second;
    }
    this.#problems.push('a session that has ended is not seen to be over');
  }

  /** Later looks at an ended session do not change the verdict. */
  #lookAgain(uuid: string, over: Evidence): void {
    let evidence = over;
    for (let looks = 0; looks < 3; looks++) {
      this.#at += this.#random.integer(1, 30) * second;
      evidence = this.#look(uuid, evidence);
    }
    if (isOver(over) && !isOver(evidence)) this.#problems.push('an end was taken back');
  }

  #look(uuid: string, before: Evidence): Evidence {
    const at = this.#at;
    const of = (list: readonly Session[]) => list.find((each) => keyOf(each.uuid) === keyOf(uuid)) ?? 'absent';
    const info = this.#market.info(uuid, at);
    // A response may be missing, such as a lost one.
    const part = (sighting: Omit<Sighting, 'at'>) => (this.#random.chance(0.05) ? {} : sighting);
    const lists = this.#random.chance(0.7)
      ? { ...part({ recent: of(this.#market.recent(at)) }), ...part({ active: of(this.#market.active(at)) }) }
      : {};
    return see(before, { at, ...part({ info }), ...lists });
  }
}

/** Runs one history with the given rules. */
export function tellHistory(seed: string, given: Rules = rules): Outcome {
  return new Story(seed, given).tell();
}

/** In how many histories each rule was broken. */
export function countProblems(count: number, given: Rules, from = 'history'): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    for (const problem of new Set(tellHistory(`${from}/${index}`, given).problems)) {
      counts[problem] = (counts[problem] ?? 0) + 1;
    }
  }
  return counts;
}
