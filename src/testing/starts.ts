/** Starts sessions: one, or a batch in which each item may be refused. */
import { isRecord } from '../codec/record.ts';
import { type Answer, jsonAnswer, messageAnswer } from './answers.ts';
import { Session, type SimulatedService } from './session.ts';
import { startWithLies, withOddIds } from './start-lies.ts';
import type { World } from './world.ts';

/** A start of one session, as an object. */
export interface OneStart {
  readonly service: SimulatedService;
  readonly body: unknown;
  /** Unit: Unix ms. */
  readonly now: number;
  /** The state in the response. */
  readonly word: string;
}

/** The UUIDs of a start in its response. If it began two sessions, the response may contain both. */
function namesOf(session: Session, world: World, now: number): [string, ...string[]] {
  const { luck, options } = world;
  const spell = ({ uuid }: Session) => (options.conditions.uuidCase === 'lower' ? uuid : uuid.toUpperCase());
  if (!luck.strikes('doubleStarts')) return [spell(session)];
  const second = spell(world.startAgain(session, now));
  return luck.stream('doubles').chance(0.5) ? [spell(session), second] : [spell(session)];
}

function one(world: World, { service, body, now, word }: OneStart): Answer {
  const started = world.start(service, isRecord(body) ? body : {}, now);
  if (!(started instanceof Session)) return messageAnswer(400, started.refused);
  const [uuid] = namesOf(started, world, now);
  return jsonAnswer({ uuid, status: word }, 201);
}

/** Starts one session: 201 with its uuid, or 400 with the reason. */
export function startOne(world: World, start: OneStart): Answer {
  return startWithLies(world, start.body, () => one(world, start));
}

function batch(world: World, body: unknown[], now: number): Answer {
  const items = body.filter(isRecord).flatMap((item): Record<string, unknown>[] => {
    const started = world.start('mr', item, now);
    const { id } = item;
    if (!(started instanceof Session)) return [{ id, reason: started.refused, status: 1 }];
    return namesOf(started, world, now).map((uuid) => ({ id, uuid }));
  });
  return jsonAnswer(withOddIds(items, world));
}

/** Rents the machines of a batch. Refusals have HTTP status 200. A single object instead of an array is the older form. */
export function startMr(world: World, body: unknown, now: number): Answer {
  if (!Array.isArray(body)) return startOne(world, { service: 'mr', body, now, word: 'starting' });
  return startWithLies(world, body, () => batch(world, body, now));
}
