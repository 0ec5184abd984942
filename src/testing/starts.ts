/** Starting sessions: one, or a batch in which each item may be refused by itself. */
import { isRecord } from '../codec/record.ts';
import { type Answer, jsonAnswer, messageAnswer } from './answers.ts';
import { Session, type SimulatedService } from './session.ts';
import type { World } from './world.ts';

/** A start of one session, as an object. */
export interface OneStart {
  readonly service: SimulatedService;
  readonly body: unknown;
  /** Unit: Unix ms. */
  readonly now: number;
  /** What the answer says about the state. */
  readonly word: string;
}

/** Starts one session: 201 with its uuid, or 400 with the reason. */
export function startOne(world: World, { service, body, now, word }: OneStart): Answer {
  const started = world.start(service, isRecord(body) ? body : {}, now);
  if (started instanceof Session) return jsonAnswer({ uuid: started.uuid, status: word }, 201);
  return messageAnswer(400, started.refused);
}

/** The answer that refuses every item of a start within HTTP 200. */
export function refusedWithin200(body: unknown, reason: string): Answer {
  const items: unknown[] = Array.isArray(body) ? body : [body];
  return jsonAnswer(
    items.map((item, index) => ({ id: isRecord(item) ? (item.id ?? index) : index, reason, status: 1 })),
  );
}

/** Rents the machines of a batch; what is refused is refused within HTTP 200. A bare object is the older form. */
export function startMr(world: World, body: unknown, now: number): Answer {
  if (!Array.isArray(body)) return startOne(world, { service: 'mr', body, now, word: 'starting' });
  return jsonAnswer(
    body.filter(isRecord).map((item) => {
      const started = world.start('mr', item, now);
      const { id } = item;
      return started instanceof Session ? { id, uuid: started.uuid } : { id, reason: started.refused, status: 1 };
    }),
  );
}
