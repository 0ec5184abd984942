const imfDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function timeFrom(text: string): number | undefined {
  const time = imfDate.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Seconds to wait according to a `Retry-After` header: a whole number, or an HTTP date, which is measured against the
 * answer's own `Date` so that a wrong clock on either side does not matter. A past date is 0; anything unreadable or
 * negative is undefined.
 */
export function retryAfterSeconds(headers: Headers, now: () => number = Date.now): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const until = timeFrom(text);
  if (until === undefined) return undefined;
  const since = timeFrom(headers.get('date')?.trim() ?? '') ?? now();
  return Math.max(0, (until - since) / 1000);
}
