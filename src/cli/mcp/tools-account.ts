/** The tool about the account. */
import { getAccount, getNetwork } from '../../../generated/operations.ts';
import { weiToUsd } from '../../index.ts';
import { budgetOf, budgetSchema } from './budget-shown.ts';
import type { Zod } from './sdk.ts';
import { type Tool, tool } from './tool.ts';
import { amount, amountSchema, known, nameText, rounded } from './values.ts';

function getAccountTool(z: Zod): Tool {
  return tool(z, {
    name: 'get_account',
    title: 'Account and balance',
    description: 'Shows the balance of the account, its value in USD, and what this server may still spend.',
    operations: [getAccount, getNetwork],
    input: {},
    output: {
      account_uuid: z.string(),
      balance: amountSchema(z, 'Balance of the account.'),
      balance_usd: z.number().describe('Current value of the balance. Unit: USD.'),
      budget: budgetSchema(z),
    },
    untrusted: ['account_uuid'],
    run: async (_, call) => {
      const { client, signal } = call;
      const [{ account_uuid, balance }, { market_price }] = await Promise.all([
        client.accounts.get({ signal }),
        client.network.get({ signal }),
      ]);
      return known({
        account_uuid: nameText(account_uuid),
        balance: amount(balance),
        balance_usd: rounded(weiToUsd(balance, market_price), 2),
        budget: await budgetOf(call),
      });
    },
  });
}

/** The tools about the account. */
export function accountTools(z: Zod): Tool[] {
  return [getAccountTool(z)];
}
