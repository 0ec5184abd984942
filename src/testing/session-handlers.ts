/** Handlers of the operations on sessions, with lag and lies. */
import { isRecord } from '../codec/record.ts';
import { type Answer, emptyAnswer, errorAnswer, jsonAnswer } from './answers.ts';
import type { Session } from './session.ts';
import { activeSession, recentSession, sessionInfo } from './session-answers.ts';
import { sessionLogs } from './session-logs.ts';
import type { Work } from './work.ts';
import type { World } from './world.ts';

function isRecent(query: URLSearchParams): boolean {
  return query.get('recent') === 'true';
}

/** The last time at which a session ran. Unit: Unix ms. */
function lastMoment({ finishedAt = Number.POSITIVE_INFINITY }: Session, now: number): number {
  return Math.min(now, finishedAt - 1);
}

/** Running sessions that the lists show. */
function running(world: World, now: number): Session[] {
  const { listsMs } = world.options.conditions.lag;
  const known = [...world.ledger.running].filter(({ startedAt }) => now >= startedAt + listsMs);
  return known.filter((session) => !world.luck.hides(session, now));
}

/** Sessions that have ended, but that the active list still shows. */
function lingering(world: World, now: number): Session[] {
  const { listsMs, endsMs } = world.options.conditions.lag;
  const ended = endsMs === 0 ? [] : [...world.sessions.values()];
  return ended.filter(
    ({ startedAt, finishedAt = Number.NEGATIVE_INFINITY }) => now < finishedAt + endsMs && now >= startedAt + listsMs,
  );
}

/** Sessions of the recent list, the latest first. */
function recent(world: World, now: number): Session[] {
  const { lag, lies } = world.options.conditions;
  const ended = [...world.sessions.values()].filter(
    ({ finishedAt = Number.POSITIVE_INFINITY }) => now >= finishedAt + lag.endsMs,
  );
  ended.sort((left, right) => Number(right.finishedAt) - Number(left.finishedAt));
  return lies.recentShowsRunning ? [...running(world, now), ...ended] : ended;
}

export function listSessions({ world, now, query }: Work): Answer {
  const { luck } = world;
  const ofRecent = isRecent(query);
  if (!ofRecent && luck.strikes('emptyLists')) return jsonAnswer([]);
  const sessions = ofRecent ? recent(world, now) : [...running(world, now), ...lingering(world, now)];
  const listed = sessions.flatMap((session) => (luck.strikes('duplicates') ? [session, session] : [session]));
  return jsonAnswer(
    listed.map((session) =>
      ofRecent ? recentSession(session, world, now) : activeSession(session, world, lastMoment(session, now)),
    ),
  );
}

const notFound = (): Answer => errorAnswer(404, 'Session not found');

/** The session in the path; undefined until `lagMs` after its start. Unit: ms. */
function knownSession({ world, now, parameters }: Work, lagMs: number): Session | undefined {
  const session = world.sessions.get((parameters.uuid ?? '').toLowerCase());
  return session !== undefined && now >= session.startedAt + lagMs ? session : undefined;
}

export function getSessionInfo(work: Work): Answer {
  const { world, now } = work;
  const { luck, options } = world;
  const { lag, lies } = options.conditions;
  const session = knownSession(work, lag.infoMs);
  if (session === undefined) return notFound();
  const isOver = session.finishedAt !== undefined;
  const isHidden = isOver ? !lies.ghostInfo : luck.hides(session, now) || luck.strikes('lostInfo');
  return isHidden ? notFound() : jsonAnswer(sessionInfo(session, world, lastMoment(session, now)));
}

export function getSessionLogs(work: Work): Answer {
  const { world, now, query } = work;
  const session = knownSession(work, world.options.conditions.lag.infoMs);
  if (session === undefined || (session.finishedAt !== undefined && !isRecent(query))) return notFound();
  return jsonAnswer(sessionLogs(session, now));
}

/** Whether a stop of a session has no effect, although its response says that it has. */
function isIgnored(session: Session, { luck, options }: World, now: number): boolean {
  if (!luck.isAbout('ignoredStops', session.uuid)) return false;
  session.stopsIgnoredUntil ??= now + options.conditions.lies.ignoredForMs;
  return now < session.stopsIgnoredUntil;
}

export function stopSession(work: Work): Answer {
  const { world, now, body } = work;
  const { lag, lies } = world.options.conditions;
  const session = knownSession(work, lag.stopMs);
  if (session === undefined || session.finishedAt !== undefined) return notFound();
  if (world.luck.strikes('wrongStop404')) return notFound();
  const isEmpty = session.oddities.emptyStop && !session.isReady(now);
  const answer = isEmpty ? emptyAnswer : jsonAnswer({});
  if (isIgnored(session, world, now)) return answer;
  world.stop(session, now, isRecord(body) && typeof body.score === 'number' ? body.score : undefined);
  return world.luck.strikes('slowStops') ? { ...answer, laterMs: lies.slowStopMs } : answer;
}
