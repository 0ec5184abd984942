/** Stops, and their many responses. */
import type { Reply } from './exchange.ts';
import type { MarketSession, Sessions } from './session.ts';
import type { StopScript, Switches } from './switches.ts';

const notFound: Reply = { status: 404, body: '{"error":"Session not found"}' };

export class Stops {
  readonly #sessions: Sessions;
  readonly #switches: Switches;
  readonly #now: () => number;

  constructor(sessions: Sessions, switches: Switches, now: () => number) {
    this.#sessions = sessions;
    this.#switches = switches;
    this.#now = now;
  }

  take(session: MarketSession | undefined): Reply {
    const script = this.#switches.nextStops.shift();
    const afterMs = script?.answerDelayMs ?? this.#switches.stopDelayMs;
    if (session === undefined) return { ...notFound, afterMs };
    const { reply, ends } =
      script === undefined || !this.#sessions.hasBegun(session) ? this.#usual(session) : scripted(script);
    const atAnswer = ends && this.#switches.stopEffect === 'answer';
    if (ends && !atAnswer) this.#sessions.end(session);
    session.stops.push({ at: this.#now(), status: reply.drop ? 0 : (reply.status ?? 200), hadEffect: ends });
    return { ...reply, afterMs, ...(atAnswer ? { onAnswer: () => this.#sessions.end(session) } : {}) };
  }

  #usual(session: MarketSession): { reply: Reply; ends: boolean } {
    const { stop404WhileRunning, stopIgnoredForMs } = this.#switches;
    const known = this.#sessions.isKnown(session, 'stopLagMs');
    if (!known || stop404WhileRunning || this.#sessions.hasEnded(session)) return { reply: notFound, ends: false };
    const firstAt = session.stops[0]?.at ?? this.#now();
    const ignored = stopIgnoredForMs > 0 && this.#now() < firstAt + stopIgnoredForMs;
    return { reply: { status: 200, body: '{}' }, ends: !ignored };
  }
}

function scripted({ answer, retryAfterSeconds }: StopScript): { reply: Reply; ends: boolean } {
  if (answer === 'ok') return { reply: { status: 200, body: '{}' }, ends: true };
  const ends = answer.endsWith('-with-effect');
  if (answer.startsWith('drop')) return { reply: { drop: true }, ends };
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return { reply: { status: Number.parseInt(answer, 10), body: '{}', headers }, ends };
}
