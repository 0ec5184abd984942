/** The budget as tools return it. */
import type { Zod } from './sdk.ts';
import type { Shared } from './tool.ts';
import { amount, amountSchema } from './values.ts';

/** Schema of the budget. */
export function budgetSchema(z: Zod) {
  return z
    .strictObject({
      limit: amountSchema(z, 'What all sessions may cost within 24 hours.'),
      spent: amountSchema(z, 'What sessions cost: those that ended within 24 hours, and those that run.'),
      reserved: amountSchema(z, 'What running sessions, and starts of unknown outcome, may cost in addition.'),
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
export async function budgetOf({ client, settings, rentals }: Pick<Shared, 'client' | 'settings' | 'rentals'>) {
  if (settings.limits === undefined) return undefined;
  await rentals.review();
  const { limit, spent, reserved, left } = await client.leases.spending();
  const { maxSpend, maxMinutes, maxSessions } = settings.limits;
  return {
    limit: amount(limit),
    spent: amount(spent),
    reserved: amount(reserved),
    left: amount(left),
    max_spend_per_session: amount(maxSpend),
    max_minutes_per_session: maxMinutes,
    sessions: rentals.open.length,
    max_sessions: maxSessions,
  };
}
