/** What all calls of a client together may spend on attempts after the first. */

/** What the budget holds at most, and at first. Unit: tokens. */
const capacity = 100;
/** What one more attempt takes. Unit: tokens. */
const retryCost = 10;
const rewardOfFirstSuccess = 1;
const refillPerSecond = 1;

/** How much is left for retries. Unit: tokens. */
export interface RetryBudgetStats {
  /** What is left. */
  readonly tokens: number;
  /** What it holds at most. */
  readonly capacity: number;
  /** What one retry takes. */
  readonly cost: number;
}

/**
 * Retries help against faults that pass, and harm an API that is down: three times the load keeps it there. So they are
 * paid from one purse per client, which successes and time fill up again; when it is empty, the first failure is final.
 */
export class RetryBudget {
  readonly #now: () => number;
  #tokens = capacity;
  #filledAt: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#filledAt = now();
  }

  /** Pays for one more attempt; false, and nothing paid, when there is not enough. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < retryCost) return false;
    this.#tokens -= retryCost;
    return true;
  }

  /** A call succeeded: what its `retries` paid attempts cost comes back; at the first attempt it earns a little. */
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
