/** Tools for running and ended sessions. */
import { getSessionInfo, getSessionLogs, listSessions, stopSession } from '../../../generated/operations.ts';
import { isNotFound, type LeaseRecord, type SessionLogs } from '../../index.ts';
import { budgetOf, budgetSchema } from './budget-shown.ts';
import { pageOf } from './log-pages.ts';
import type { Rental } from './rental.ts';
import { rentalPrefix } from './rentals.ts';
import type { Zod } from './sdk.ts';
import { infoOf, sessionSchema, shownSession, untrustedInSession } from './session-shown.ts';
import { type Tool, type ToolCall, tool } from './tool.ts';
import { amountSchema, known, nameText, someAmount } from './values.ts';

const uuidForm = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
/** Maximum number of sessions in one result. */
const mostShown = 50;

function sessionInput(z: Zod) {
  return z.string().min(1).max(100).describe('rental_id or session_uuid.');
}

async function shown(rental: Rental, call: ToolCall) {
  return shownSession(rental, await infoOf(rental, call), call.now());
}

function wanted(text: string | undefined, { rentals }: ToolCall): readonly Rental[] {
  if (text === undefined) return rentals.all.slice(-mostShown);
  const rental = rentals.find(text);
  if (rental === undefined && !uuidForm.test(text.trim())) {
    throw new Error(
      `unknown session ${JSON.stringify(nameText(text))}; call session_status without a session to list all`,
    );
  }
  return rental === undefined ? [] : [rental];
}

function statusTool(z: Zod): Tool {
  const other = z.strictObject({
    session_uuid: z.string(),
    service: z.string().optional(),
    node_id: z.number().int().optional(),
    charge: amountSchema(z, 'What it has cost so far.').optional(),
    duration_seconds: z.number().optional(),
  });
  return tool(z, {
    name: 'session_status',
    title: 'Session status',
    description:
      'Shows sessions: progress, addresses, charge so far, what remains of the limits, and the results of a run. Without an argument: all sessions of this server, and the other active sessions of the account.',
    operations: [getSessionInfo, listSessions],
    input: { session: sessionInput(z).optional() },
    output: {
      sessions: z.array(sessionSchema(z)).describe('Sessions of this server.'),
      others: z
        .array(other)
        .describe('Other active sessions of the account. This server can stop only those that an earlier server kept.'),
      budget: budgetSchema(z),
    },
    untrusted: [...untrustedInSession('sessions[]'), 'others[].service'],
    run: async ({ session }, call) => {
      const rentals = wanted(session, call);
      await call.rentals.settle(rentals);
      const sessions = await Promise.all(rentals.map((rental) => shown(rental, call)));
      const active = await call.client.sessions.list({ signal: call.signal });
      const isOther = ({ uuid }: { readonly uuid: string }) =>
        call.rentals.find(uuid) === undefined &&
        (session === undefined || uuid.toLowerCase() === session.trim().toLowerCase());
      const others = active.filter(isOther).slice(0, mostShown);
      return known({
        sessions,
        others: others.map(({ uuid, service, node_id, charge_amount, duration }) =>
          known({
            session_uuid: uuid,
            service: nameText(service || undefined),
            node_id,
            charge: someAmount(charge_amount),
            duration_seconds: duration,
          }),
        ),
        budget: await budgetOf(call),
      });
    },
  });
}

/** Logs of a session, whether it runs or has ended. */
async function logsOf(uuid: string, isOver: boolean, { client, signal }: ToolCall): Promise<SessionLogs> {
  const session = client.services.session(uuid);
  try {
    return await session.logs({ recent: isOver, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return await session.logs({ recent: !isOver, signal });
  }
}

function logsTool(z: Zod): Tool {
  return tool(z, {
    name: 'session_logs',
    title: 'Session logs',
    description: 'Reads the log of a session page by page. Pass the cursor of the last result to get the next page.',
    operations: [getSessionLogs],
    input: {
      session: sessionInput(z),
      cursor: z.string().min(1).max(60).optional().describe('From the last result. Default: the beginning.'),
    },
    output: {
      lines: z.array(z.strictObject({ source: z.enum(['system', 'container']), text: z.string() })),
      cursor: z.string().describe('Where the next page begins.'),
      more: z.boolean().describe('Whether there are more lines now.'),
      gap: z.boolean().describe('Whether lines before this page are lost.'),
    },
    untrusted: ['lines[].text'],
    run: async ({ session, cursor }, call) => {
      const [rental] = wanted(session, call);
      if (rental?.init.job !== undefined) return rental.lines.page(cursor);
      const uuid = rental?.uuid ?? (uuidForm.test(session.trim()) ? session.trim() : undefined);
      if (uuid === undefined) return pageOf({ system: [] }, cursor, true);
      const isOver = rental?.state === 'over';
      return pageOf(await logsOf(uuid, isOver, call), cursor, isOver);
    },
  });
}

/** The lease of a session that an earlier server has kept; undefined if there is none. */
async function keptLease(text: string, { client }: ToolCall): Promise<LeaseRecord | undefined> {
  const key = text.trim().toLowerCase();
  const ours = (await client.leases.list()).filter(
    ({ leaseId, kept }) => leaseId.startsWith(rentalPrefix) && kept === true,
  );
  return ours.find(({ leaseId, uuid }) => leaseId === text.trim() || uuid?.toLowerCase() === key);
}

function stoppedSchema(z: Zod) {
  return z.strictObject({
    rental_id: z.string(),
    session_uuid: z.string().optional(),
    state: z.enum(['over', 'unproven']).describe('unproven: it may still run and cost money. Call this tool again.'),
    charge: amountSchema(z, 'What it cost. Absent: not known yet.').optional(),
  });
}

async function stoppedRental(rental: Rental, { rentals }: ToolCall) {
  const left = await rentals.stop([rental]);
  const isOver = left.length === 0;
  await rentals.settle([rental]);
  const { init, uuid, charge } = rental;
  const state = isOver ? 'over' : 'unproven';
  return known({ rental_id: init.id, session_uuid: uuid, state, charge: someAmount(charge) });
}

function stopTool(z: Zod): Tool {
  return tool(z, {
    name: 'stop_session',
    title: 'Stop a session',
    description:
      'Stops a session of this server, and waits until it is proven over. The data on its disk is lost. You can safely call it for a session that is already over.',
    operations: [stopSession, listSessions],
    input: { session: sessionInput(z) },
    output: { stopped: stoppedSchema(z) },
    untrusted: [],
    run: async ({ session }, call) => {
      const rental = call.rentals.find(session);
      if (rental !== undefined) return { stopped: await stoppedRental(rental, call) };
      const lease = await keptLease(session, call);
      if (lease === undefined) {
        throw new Error(
          `session ${JSON.stringify(nameText(session))} is not one of this server, so it was not stopped`,
        );
      }
      const kept = await call.client.leases.attach(lease.leaseId);
      await kept.stop({ verify: true });
      const charge = someAmount(await call.rentals.chargeOf(kept.uuid));
      return { stopped: known({ rental_id: lease.leaseId, session_uuid: kept.uuid, state: 'over', charge }) };
    },
  });
}

function stopAllTool(z: Zod): Tool {
  return tool(z, {
    name: 'stop_all_sessions',
    title: 'Stop all sessions',
    description:
      'Stops all sessions of this server, and waits until each is proven over. The data on their disks is lost.',
    operations: [stopSession, listSessions],
    input: {},
    output: { stopped: z.array(stoppedSchema(z)) },
    untrusted: [],
    run: async (_, call) => {
      return { stopped: await Promise.all(call.rentals.open.map((rental) => stoppedRental(rental, call))) };
    },
  });
}

/** Tools that read sessions. */
export function sessionTools(z: Zod): Tool[] {
  return [statusTool(z), logsTool(z)];
}

/** Tools that stop sessions. */
export function stopTools(z: Zod): Tool[] {
  return [stopTool(z), stopAllTool(z)];
}
