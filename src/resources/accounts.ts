import type { Account, Balance, Wallet } from '../../generated/models.ts';
import { generateWallet, getAccount, getBalance } from '../../generated/operations.ts';
import { makeStrict } from '../core/arguments.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { OctaPromise } from '../core/promise.ts';
import { Resource } from './resource.ts';

/** The account that the API key belongs to. */
export class AccountsResource extends Resource {
  /** The profile of the account, with its balance. */
  get(options?: RequestOptions): OctaPromise<Account> {
    return this.call(getAccount, { options });
  }

  /**
   * The balance only; a smaller response than the whole account.
   *
   * @example
   * const { balance } = await client.accounts.balance();
   * console.log(`${formatOcta(balance, 2)} OCTA`);
   */
  balance(options?: RequestOptions): OctaPromise<Balance> {
    return this.call(getBalance, { options });
  }

  /** Generates a new deposit wallet. Retried only if it was provably never sent, because each call changes the account. */
  generateWallet(options?: RequestOptions): OctaPromise<Wallet> {
    return this.call(generateWallet, { options });
  }
}

makeStrict(AccountsResource.prototype, 'accounts');
