/** Tools that start sessions, which cost money. */
import { getSessionInfo, startMr, startRender, startVpn, stopSession } from '../../../generated/operations.ts';
import { parseOcta } from '../../index.ts';
import { refusalError } from './limits.ts';
import type { Quote } from './quotes.ts';
import type { JobOrder, Rental } from './rental.ts';
import type { Zod } from './sdk.ts';
import { infoOf, sessionSchema, shownSession, untrustedInSession } from './session-shown.ts';
import { type Tool, type ToolCall, tool } from './tool.ts';
import { within } from './within.ts';

/** How long a call waits by default: less than the shortest timeout of common clients. Unit: seconds. */
const defaultWait = 45;

function limitInput(z: Zod) {
  const octa = z.string().regex(/^\d{1,9}(\.\d{1,18})?$/);
  return {
    quote_id: z
      .string()
      .min(1)
      .max(100)
      .describe('From quote. It can be used once; again only if nothing was started.'),
    max_spend_octa: octa.describe(
      'What the session may cost at most, such as "1.5". The server stops it before it costs more. Unit: OCTA.',
    ),
    max_minutes: z.number().gt(0).max(28_800).describe('How long the session may run. Then the server stops it.'),
    wait_seconds: z
      .number()
      .int()
      .min(0)
      .max(3_600)
      .optional()
      .describe(
        `How long to wait for the result. After that the rental continues; call session_status. Default ${defaultWait}.`,
      ),
  };
}

interface RentInput {
  readonly quote_id: string;
  readonly max_spend_octa: string;
  readonly max_minutes: number;
  readonly wait_seconds?: number | undefined;
}

/** Throws if a command cannot run on what a quote is for. */
function checkJob({ kind, order }: Quote): void {
  if (kind !== 'machine') throw new Error(`run needs a quote for a machine, not for a ${kind.replace('_', ' ')}`);
  if (order.start_command === undefined) return;
  throw new Error('the quote has a start_command, which run cannot keep; call quote without it, or use rent');
}

/** Starts the rental of a quote. If it throws, nothing was started, and the quote can be used again. */
async function begin(given: RentInput, job: JobOrder | undefined, call: ToolCall): Promise<Rental> {
  const maxSpend = parseOcta(given.max_spend_octa);
  if (maxSpend === 0n) throw new Error('max_spend_octa is 0; pass an amount above 0');
  const id = call.rentals.newId();
  const quote = call.quotes.take(given.quote_id, id);
  const onNothingStarted = () => call.quotes.giveBack(quote, id);
  try {
    if (job !== undefined) checkJob(quote);
    const order = { id, quote, maxSpend, maxMinutes: given.max_minutes, onNothingStarted };
    return await call.rentals.start(job === undefined ? order : { ...order, job }, call.party);
  } catch (error) {
    onNothingStarted();
    throw error;
  }
}

/** Waits for a rental, and returns its state. A call that is cancelled stops it. */
async function answer(rental: Rental, { wait_seconds = defaultWait }: RentInput, call: ToolCall): Promise<object> {
  const { clock, signal, progress, rentals, now } = call;
  const stopTelling = rental.onProgress(progress);
  await within(rental.init.job === undefined ? rental.ready : rental.done, wait_seconds * 1_000, { clock, signal });
  stopTelling();
  if (signal.aborted) await rental.stop();
  // The API has refused it, for example, or another server has reserved what was left at the same moment.
  if (rental.refusal !== undefined) throw refusalError(rental.refusal);
  await rentals.settle([rental]);
  const info = rental.state === 'running' ? await infoOf(rental, call) : undefined;
  return { session: shownSession(rental, info, now()) };
}

function rentTool(z: Zod): Tool {
  return tool(z, {
    name: 'rent',
    title: 'Rent',
    description:
      'Rents the node of a quote, and waits until the session can be used. It costs money until it is stopped: call stop_session when you are done. Ask the user before you rent.',
    operations: [startMr, startVpn, startRender, getSessionInfo, stopSession],
    input: limitInput(z),
    output: { session: sessionSchema(z) },
    untrusted: untrustedInSession('session'),
    run: async (given, call) => answer(await begin(given, undefined, call), given, call),
  });
}

function runTool(z: Zod): Tool {
  const path = z.string().min(1).max(200);
  return tool(z, {
    name: 'run',
    title: 'Run a command',
    description:
      'Rents the machine of a quote, runs a command in its container, returns the exit code and the results, and stops the machine. Ask the user before you run. If it returns before the command has ended, call session_status.',
    operations: [startMr, getSessionInfo, stopSession],
    input: {
      ...limitInput(z),
      command: z.string().min(1).max(64_000).describe('Text for the shell of the container.'),
      files: z
        .record(path, z.string().max(262_144))
        .optional()
        .describe(
          'Text files to write before the command runs, by their path relative to the working directory. At most 256 kB in all.',
        ),
      results: z
        .array(path)
        .max(32)
        .optional()
        .describe('Paths of files to return after the command has ended. At most 256 kB in all.'),
    },
    output: { session: sessionSchema(z) },
    untrusted: untrustedInSession('session'),
    run: async ({ command, files = {}, results = [], ...given }, call) => {
      return answer(await begin(given, { command, files, results }, call), given, call);
    },
  });
}

/** The tools that start sessions. */
export function rentTools(z: Zod): Tool[] {
  return [rentTool(z), runTool(z)];
}
