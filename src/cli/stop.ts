/** `octaspace stop`: stops sessions, and waits until they are proven over. */
import { type OctaClient, toJson } from '../index.ts';
import { readableLine } from '../readable.ts';
import { accountClient, counted, errorText } from './account.ts';
import { type Arguments, commonOptions, Misuse, readArguments, type Syntax } from './arguments.ts';
import { type CommandIo, exitCodes, paintFor, tell, writeLines } from './io.ts';

/** Help text of `octaspace stop`. */
export const stopUsage = `octaspace stop: stops sessions of the account, and waits until each is proven over.
Usage: octaspace stop UUID…, or octaspace stop --all.

  --all              stops every active session of the account, including those of other programs
  --json             prints a JSON array
  --help             this text

Environment: OCTA_API_KEY is the API key, OCTA_BASE_URL another base URL of the API.
Exit code: 0 all are over, or none was active; 1 one could not be stopped; 2 misuse.`;

const syntax: Syntax = {
  command: 'stop',
  positionals: true,
  options: {
    all: { type: 'boolean' },
    ...commonOptions,
  },
};

/** How many stops run at a time. */
const atOnce = 16;

/** The result for one session. */
interface Stopped {
  readonly uuid: string;
  readonly state: 'over' | 'unproven';
  readonly error?: string;
}

function isUuid(text: string): boolean {
  return /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(text);
}

async function uuidsOf(client: OctaClient, { values, positionals }: Arguments): Promise<string[]> {
  const odd = positionals.find((each) => !isUuid(each));
  if (odd !== undefined) {
    throw new Misuse(`${JSON.stringify(odd)} is not a session UUID; list them with octaspace sessions`);
  }
  if (values.all !== true) {
    if (positionals.length === 0) throw new Misuse('missing session UUIDs; pass them, or use --all');
    return [...new Set(positionals.map((uuid) => uuid.toLowerCase()))];
  }
  if (positionals.length > 0) throw new Misuse('--all stops every session; pass no UUIDs with it');
  return (await client.sessions.stopAll({ dryRun: true })).stopped.map(({ uuid }) => uuid);
}

/** Stops the given sessions. Throws Misuse. */
export async function stop(given: readonly string[], io: CommandIo): Promise<number> {
  const args = readArguments(given, syntax);
  const client = accountClient(io);
  const uuids = await uuidsOf(client, args);
  if (uuids.length > 0) tell(io, `stopping ${counted(uuids.length, 'session')} …`);
  const paint = paintFor(io);
  const results: Stopped[] = [];
  const end = async (uuid: string): Promise<Stopped> => {
    try {
      await client.services.session(uuid).stop({ verify: true, signal: io.signal });
      return { uuid, state: 'over' };
    } catch (error) {
      return { uuid, state: 'unproven', error: errorText(error) };
    }
  };
  const queue = uuids.entries();
  const work = async (): Promise<void> => {
    for (const [index, uuid] of queue) {
      const result = await end(uuid);
      results[index] = result;
      if (io.json) continue;
      const label = result.state === 'over' ? paint('green', 'over    ') : paint('red', 'unproven');
      writeLines(io.stdout, `${label}  ${readableLine([uuid, result.error ?? ''].join('  ').trimEnd())}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (io.json) writeLines(io.stdout, readableLine(toJson(results)));
  const left = results.filter(({ state }) => state !== 'over').length;
  tell(io, left === 0 ? `${counted(uuids.length, 'session')} stopped` : `${counted(left, 'session')} may still run`);
  return left === 0 ? exitCodes.ok : exitCodes.failed;
}
