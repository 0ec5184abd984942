/** The three formats of an HTTP date: the current one, RFC 850, and asctime. */
const dateForms = [
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{2,5}day, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/** Expands a two-digit year, which is never more than 50 years in the future. */
function fullYear(year: string, now: number): string {
  if (year.length === 4) return year;
  const thisYear = new Date(now).getUTCFullYear();
  const sameCentury = Math.floor(thisYear / 100) * 100 + Number(year);
  return String(sameCentury > thisYear + 50 ? sameCentury - 100 : sameCentury);
}

/** Parses an HTTP date; undefined for any other text. Unit: Unix ms. */
function timeFrom(text: string, now: number): number | undefined {
  for (const form of dateForms) {
    const { day = '', month = '', year = '', time = '' } = form.exec(text)?.groups ?? {};
    const at = Date.parse(`${day.trim().padStart(2, '0')} ${month} ${fullYear(year, now)} ${time} GMT`);
    if (time !== '' && !Number.isNaN(at)) return at;
  }
  return undefined;
}

/** The values of a header that may occur several times. A comma after a weekday is part of a date. */
function valuesOf(header: string): string[] {
  return (header.match(/\s*(?:[A-Z][a-z]+, )?[^,]+/g) ?? []).map((value) => value.trim());
}

/**
 * The wait in seconds from a `Retry-After` header: a number, or an HTTP date. A date is compared with the `Date` header of the same
 * response, so a wrong clock does not matter. Of several values, the largest counts. A past date is 0. Undefined if any value is not
 * valid or negative.
 */
export function retryAfterSeconds(headers: Headers, now: () => number = Date.now): number | undefined {
  const values = valuesOf(headers.get('retry-after') ?? '');
  if (values.length === 0) return undefined;
  const sentAt = timeFrom(headers.get('date')?.trim() ?? '', now()) ?? now();
  const waits = values.map((value) => {
    if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value);
    const until = timeFrom(value, sentAt);
    return until === undefined ? Number.NaN : Math.max(0, (until - sentAt) / 1000);
  });
  const longest = Math.max(...waits);
  return Number.isNaN(longest) ? undefined : longest;
}
