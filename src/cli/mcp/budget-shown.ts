/** The budget as tools return it. */
import type { Zod } from './sdk.ts';
import type { Shared } from './tool.ts';
import { amount, amountSchema } from './values.ts';

/** Schema of the budget. */
export function budgetSchema(z: Zod) {
  return z
    .strictObject({
      limit: amountSchema(z, 'What all sessions may cost within 24 hours.'),
      spent: amountSchema(z, 'What sessions within 24 hours cost.'),
      reserved: amountSchema(z, 'What other sessions may cost: their full limit until the charge is known.'),
      left: amountSchema(z, 'What remains for further sessions.'),
      max_spend_per_session: amountSchema(z, 'Highest max_spend_octa.'),
      max_minutes_per_session: z.number(),
      sessions: z.number().int().describe('Running and starting sessions of this server.'),
      max_sessions: z.number().int(),
    })
    .optional()
    .describe('Limits of this server. Absent: it only reads.');
}

/** The budget now; undefined if the server only reads. */
export async function budgetOf({ budget, rentals }: Pick<Shared, 'budget' | 'rentals'>) {
  if (budget === undefined) return undefined;
  await rentals.settleOld();
  const { spent, reserved, left, sessions } = await budget.state();
  const { maxSpend, maxTotalSpend, maxMinutes, maxSessions } = budget.limits;
  return {
    limit: amount(maxTotalSpend),
    spent: amount(spent),
    reserved: amount(reserved),
    left: amount(left),
    max_spend_per_session: amount(maxSpend),
    max_minutes_per_session: maxMinutes,
    sessions,
    max_sessions: maxSessions,
  };
}
