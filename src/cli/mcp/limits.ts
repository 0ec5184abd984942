/** The limits of the server. The client enforces the limit for all sessions, with its option `maxTotalSpend`. */
import { formatOcta, type OctaError, OctaSessionError } from '../../index.ts';
import { durationText, hourMs, minuteMs } from './durations.ts';
import type { Limits } from './settings.ts';

/** A session would exceed a limit. `figures` has the requested and the allowed values. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
  readonly figures: Readonly<Record<string, string | number>>;

  constructor(message: string, figures: LimitError['figures']) {
    super(message);
    this.figures = figures;
  }
}

/** A session that wants to start. */
export interface Wanted {
  /** Unit: Wei. */
  readonly maxSpend: bigint;
  readonly maxMinutes: number;
}

/** Throws LimitError if a session would exceed a limit for one session, or too many run or start already. */
export function checkLimits({ maxSpend, maxMinutes }: Wanted, limits: Limits, sessions: number): void {
  if (maxSpend > limits.maxSpend) {
    const [asked, most] = [formatOcta(maxSpend), formatOcta(limits.maxSpend)];
    const figures = { max_spend_octa: asked, limit_octa: most };
    throw new LimitError(`max_spend_octa is ${asked}; this server allows at most ${most} OCTA per session`, figures);
  }
  if (maxMinutes > limits.maxMinutes) {
    const figures = { max_minutes: maxMinutes, limit_minutes: limits.maxMinutes };
    throw new LimitError(`max_minutes is ${maxMinutes}; this server allows at most ${limits.maxMinutes}`, figures);
  }
  if (sessions >= limits.maxSessions) {
    const figures = { sessions, limit_sessions: limits.maxSessions };
    const running = `${sessions} of at most ${limits.maxSessions} sessions run or are being started`;
    throw new LimitError(`${running}; stop one first, or wait until one ends`, figures);
  }
}

/** The error for a session that the client refused because of the limit for all sessions. */
export function totalSpendError({ wanted, ...total }: NonNullable<OctaSessionError['totalSpend']>): LimitError {
  const { spent, reserved, left, limit, freesInMs } = total;
  const amounts = {
    max_spend_octa: formatOcta(wanted),
    spent_octa: formatOcta(spent),
    reserved_octa: formatOcta(reserved),
    left_octa: formatOcta(left),
    limit_octa: formatOcta(limit),
  };
  const message = `max_spend_octa is ${amounts.max_spend_octa}, but ${amounts.left_octa} OCTA are left of ${amounts.limit_octa} for 24 hours: ${amounts.spent_octa} are spent, and ${amounts.reserved_octa} are reserved`;
  if (freesInMs === undefined) return new LimitError(message, amounts);
  const minutes = Math.ceil(freesInMs / minuteMs);
  const wait = durationText(minutes < 120 ? minutes * minuteMs : Math.ceil(minutes / 60) * hourMs);
  return new LimitError(`${message}; enough is free in ${wait}`, { ...amounts, free_in_minutes: minutes });
}

/** The error of a rental that started nothing, as tools report it. */
export function refusalError(refusal: OctaError): Error {
  const figures = refusal instanceof OctaSessionError ? refusal.totalSpend : undefined;
  return figures === undefined ? refusal : totalSpendError(figures);
}
