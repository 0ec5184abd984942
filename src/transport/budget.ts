/** Limits the retries of all calls of a client together. */

/** Maximum and initial size of the budget. Unit: tokens. */
const capacity = 100;
/** Cost of one retry. Unit: tokens. */
const retryCost = 10;
const rewardOfFirstSuccess = 1;
const refillPerSecond = 1;

/** The retry budget. Unit: tokens. */
export interface RetryBudgetStats {
  /** Tokens left. */
  readonly tokens: number;
  /** Maximum number of tokens. */
  readonly capacity: number;
  /** Cost of one retry. */
  readonly cost: number;
}

/**
 * Retries help against short faults, but harm an API that is down, because they triple its load. So all retries of a client share one
 * budget, which successes and time refill. When it is empty, calls fail without a retry.
 */
export class RetryBudget {
  readonly #now: () => number;
  #tokens = capacity;
  #filledAt: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#filledAt = now();
  }

  /** Pays for one retry. Returns false, and takes nothing, if there are too few tokens. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < retryCost) return false;
    this.#tokens -= retryCost;
    return true;
  }

  /** Called when a call succeeds: refunds its `retries` paid retries, or adds a small reward if there were none. */
  reward(retries: number): void {
    this.#add(retries === 0 ? rewardOfFirstSuccess : retries * retryCost);
  }

  stats(): RetryBudgetStats {
    this.#refill();
    return { tokens: this.#tokens, capacity, cost: retryCost };
  }

  #refill(): void {
    const now = this.#now();
    this.#add(((now - this.#filledAt) / 1000) * refillPerSecond);
    this.#filledAt = now;
  }

  #add(tokens: number): void {
    this.#tokens = Math.min(capacity, this.#tokens + tokens);
  }
}
