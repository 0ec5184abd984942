/** The budget of the server. It alone decides whether another session may start. */
import { formatOcta } from '../../index.ts';
import type { Limits } from './settings.ts';
import type { SpendRecord, SpendStore } from './spend-store.ts';

const dayMs = 24 * 3_600_000;
const minuteMs = 60_000;

/** A session would exceed a limit. `figures` has the requested and the allowed values. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
  readonly figures: Readonly<Record<string, string | number>>;

  constructor(message: string, figures: LimitError['figures']) {
    super(message);
    this.figures = figures;
  }
}

/** A session that wants to start. */
export interface Wanted {
  /** Lease id. */
  readonly id: string;
  /** Unit: Wei. */
  readonly maxSpend: bigint;
  readonly maxMinutes: number;
}

/** The current state of the budget. Unit: Wei. */
export interface BudgetState {
  /** What sessions within 24 hours cost. */
  readonly spent: bigint;
  /** What other sessions may cost: their full limit until the charge is known. */
  readonly reserved: bigint;
  /** What remains of the limit. */
  readonly left: bigint;
  /** Running and starting sessions of this server. */
  readonly sessions: number;
}

/** Until when a record counts: 24 hours after the last time at which its session may have cost money. Unit: Unix ms. */
function countsUntil({ reservedAt, maxMinutes, settledAt }: SpendRecord): number {
  return (settledAt ?? reservedAt + maxMinutes * minuteMs) + dayMs;
}

function sum(amounts: readonly (string | undefined)[]): bigint {
  return amounts.reduce((total, amount) => total + BigInt(amount ?? 0), 0n);
}

/** Keeps the sessions of the server within its limits. */
export class Budget {
  readonly limits: Limits;
  readonly #store: SpendStore;
  readonly #now: () => number;
  /** Running and starting sessions of this server. */
  readonly #open = new Set<string>();
  /** One change at a time. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(limits: Limits, store: SpendStore, now: () => number) {
    this.limits = limits;
    this.#store = store;
    this.#now = now;
  }

  /** Reserves what a session may cost, before it starts. Throws LimitError with the figures, and reserves nothing then. */
  reserve(wanted: Wanted): Promise<void> {
    return this.#inTurn(async () => {
      this.#checkSession(wanted);
      const { id, maxSpend, maxMinutes } = wanted;
      const reservedAt = this.#now();
      // Other servers may share the folder. Each writes before it reads, so of two that want the rest, at least one sees the other.
      await this.#store.put({ version: 1, id, reservedAt, reservedWei: String(maxSpend), maxMinutes, uuids: [] });
      try {
        const { spent, reserved } = await this.#totals();
        if (spent + reserved > this.limits.maxTotalSpend) {
          this.#refuseTotal(wanted, { spent, reserved: reserved - maxSpend });
        }
      } catch (error) {
        await this.#store.delete(id);
        throw error;
      }
      this.#open.add(id);
    });
  }

  /** Records the session of a start. Its full limit counts again until its charge is known. */
  noteSession(id: string, uuid: string): Promise<void> {
    const key = uuid.toLowerCase();
    return this.#change(id, ({ chargeWei: _, settledAt: __, ...record }) => {
      return record.uuids.includes(key) ? undefined : { ...record, uuids: [...record.uuids, key] };
    });
  }

  /** Records what a session cost. Unit: Wei. */
  settle(id: string, charge: bigint): Promise<void> {
    return this.#change(id, (record) => ({ ...record, chargeWei: String(charge), settledAt: this.#now() }));
  }

  /** Marks a session of this server as ended. Its reservation stays until it is settled. */
  close(id: string): void {
    this.#open.delete(id);
  }

  /** Records of sessions whose charge is unknown and that this server does not run. */
  async unsettled(): Promise<readonly SpendRecord[]> {
    const records = await this.#store.list();
    return records.filter(({ id, settledAt }) => settledAt === undefined && !this.#open.has(id));
  }

  /** Returns the current state of the budget. */
  async state(): Promise<BudgetState> {
    const { spent, reserved } = await this.#totals();
    const rest = this.limits.maxTotalSpend - spent - reserved;
    return { spent, reserved, left: rest > 0n ? rest : 0n, sessions: this.#open.size };
  }

  #checkSession({ maxSpend, maxMinutes }: Wanted): void {
    const { limits } = this;
    if (maxSpend > limits.maxSpend) {
      const [asked, most] = [formatOcta(maxSpend), formatOcta(limits.maxSpend)];
      const figures = { max_spend_octa: asked, limit_octa: most };
      throw new LimitError(`max_spend_octa is ${asked}; this server allows at most ${most} OCTA per session`, figures);
    }
    if (maxMinutes > limits.maxMinutes) {
      const figures = { max_minutes: maxMinutes, limit_minutes: limits.maxMinutes };
      throw new LimitError(`max_minutes is ${maxMinutes}; this server allows at most ${limits.maxMinutes}`, figures);
    }
    if (this.#open.size >= limits.maxSessions) {
      const figures = { sessions: this.#open.size, limit_sessions: limits.maxSessions };
      const running = `${this.#open.size} of at most ${limits.maxSessions} sessions run`;
      throw new LimitError(`${running}; stop one first, or wait until one ends`, figures);
    }
  }

  #refuseTotal({ maxSpend }: Wanted, { spent, reserved }: Pick<BudgetState, 'spent' | 'reserved'>): never {
    const { maxTotalSpend } = this.limits;
    const rest = maxTotalSpend - spent - reserved;
    const figures = {
      max_spend_octa: formatOcta(maxSpend),
      spent_octa: formatOcta(spent),
      reserved_octa: formatOcta(reserved),
      left_octa: formatOcta(rest > 0n ? rest : 0n),
      limit_octa: formatOcta(maxTotalSpend),
    };
    const message = `max_spend_octa is ${figures.max_spend_octa}, but ${figures.left_octa} OCTA are left of ${figures.limit_octa} for 24 hours: ${figures.spent_octa} are spent, and ${figures.reserved_octa} are reserved`;
    throw new LimitError(message, figures);
  }

  async #totals(): Promise<Pick<BudgetState, 'spent' | 'reserved'>> {
    const now = this.#now();
    const records = await this.#store.list();
    const old = records.filter((record) => countsUntil(record) <= now && !this.#open.has(record.id));
    await Promise.all(old.map(({ id }) => this.#store.delete(id)));
    const current = records.filter((record) => !old.includes(record));
    return {
      spent: sum(current.map(({ chargeWei }) => chargeWei)),
      reserved: sum(current.map(({ chargeWei, reservedWei }) => (chargeWei === undefined ? reservedWei : undefined))),
    };
  }

  #change(id: string, change: (record: SpendRecord) => SpendRecord | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const record = (await this.#store.list()).find((each) => each.id === id);
      const changed = record === undefined ? undefined : change(record);
      if (changed !== undefined) await this.#store.put(changed);
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}
