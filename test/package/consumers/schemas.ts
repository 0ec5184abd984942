/** An application in TypeScript that validates, with zod installed. */
import { type Balance, OctaClient, OctaResponseError, type StartVpnOptions } from '@octaspace/sdk';
import { BalanceSchema, StartMrOptionsSchema, StartVpnOptionsSchema, validator } from '@octaspace/sdk/zod';
import type * as z from 'zod/mini';

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`);
}

async function main(): Promise<void> {
  const balance: Balance = { balance: 1n } satisfies z.infer<typeof BalanceSchema>;
  demand(BalanceSchema.safeParse(balance).success, 'a balance is a balance');
  demand(!StartMrOptionsSchema.safeParse({ node_id: 'one' }).success, 'a start needs more');
  const relay: StartVpnOptions = StartVpnOptionsSchema.parse({ node_id: 1, subkind: 'v2ray', protocol: 'vmess' });
  demand(relay.subkind === 'v2ray', 'options are parsed to what methods take');
  const client = new OctaClient({
    apiKey: 'any',
    fetch: async () => new Response('{"balance":"much"}'),
    validate: validator('strict'),
  });
  const error: unknown = await client.accounts.balance().catch((reason: unknown) => reason);
  demand(error instanceof OctaResponseError && error.issues[0]?.path === 'balance', 'the balance is found to be wrong');
}

void main();
