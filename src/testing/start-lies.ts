/** Wrong responses to starts. */
import { isRecord } from '../codec/record.ts';
import { type Answer, errorAnswer, jsonAnswer, messageAnswer } from './answers.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

type Items = readonly Record<string, unknown>[];

const badGateway = (): Answer => errorAnswer(502);
const internalError = (): Answer => errorAnswer(500, 'INTERNAL_ERROR');
const lost = (): Answer => ({ ...badGateway(), lost: true });
const reason = 'Node is unavailable';

/** A response with HTTP status 200 that refuses every item of a start. */
export function refusedWithin200(body: unknown, why: string): Answer {
  const items: unknown[] = Array.isArray(body) ? body : [body];
  return jsonAnswer(
    items.map((item, index) => ({ id: isRecord(item) ? (item.id ?? index) : index, reason: why, status: 1 })),
  );
}

function refusal(body: unknown, random: Random): Answer {
  const [unavailable, tooMany] = [messageAnswer(400, reason), errorAnswer(429)];
  if (!Array.isArray(body)) return random.pick([unavailable, tooMany]);
  return random.pick([unavailable, tooMany, refusedWithin200(body, reason)]);
}

/** Starts, and returns a true or a wrong response. */
export function startWithLies(world: World, body: unknown, start: () => Answer): Answer {
  const { luck } = world;
  if (luck.strikes('deadStarts')) return luck.stream('dead').pick([lost, badGateway, internalError])();
  const answer = start();
  if (luck.strikes('lostStarts')) return lost();
  if (luck.strikes('failedStarts')) return luck.stream('failed').pick([badGateway, internalError])();
  return luck.strikes('falseRefusals') ? refusal(body, luck.stream('refusals')) : answer;
}

const oddities: readonly [(items: Items) => Items, ...((items: Items) => Items)[]] = [
  (items) => items.map((item, index) => ({ ...item, id: index + 1 })),
  (items) => items.map((item) => ({ ...item, id: String(item.id) })),
  (items) => items.map((item) => ({ ...item, id: 0 })),
  (items) => [...items].reverse(),
];

/** The items of the response to a batch, perhaps with odd ids or in an odd order. */
export function withOddIds(items: Items, { luck }: World): Items {
  return luck.strikes('oddIds') ? luck.stream('odd').pick(oddities)(items) : items;
}
