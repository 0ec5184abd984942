/** The account. */
import type { Random } from './random.ts';

/** The account, apart from its balance. */
export interface AccountRecord {
  readonly account_uuid: string;
  readonly uid: number;
  readonly email: string;
  readonly avatar: string;
  readonly ref_code: string;
  /** Latest deposit address; empty if there is none. */
  wallet: string;
}

/** The account of one world. */
export function accountFor(random: Random): AccountRecord {
  return {
    account_uuid: random.uuid(),
    uid: random.integer(1000, 99_999),
    email: 'user@example.com',
    avatar: 'https://example.com/avatar.png',
    ref_code: random.hex(8).toUpperCase(),
    wallet: '',
  };
}
