import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfterSeconds } from '../../../src/errors/retry-after.ts';

const now = () => Date.UTC(2026, 3, 14, 10, 0, 0);
const date = 'Tue, 14 Apr 2026 10:00:00 GMT';

function read(retryAfter: string | undefined, serverDate?: string): number | undefined {
  const headers = new Headers();
  if (retryAfter !== undefined) headers.set('retry-after', retryAfter);
  if (serverDate !== undefined) headers.set('date', serverDate);
  return retryAfterSeconds(headers, now);
}

describe('Retry-After', () => {
  const numbers: readonly (readonly [header: string | undefined, want: number | undefined])[] = [
    ['0', 0],
    ['1', 1],
    ['007', 7],
    ['3600', 3600],
    [' 5 ', 5],
    ['1000000000', 1e9],
    ['9'.repeat(400), Number.POSITIVE_INFINITY],
    ['1e9', undefined],
    ['1, 2', 2],
    ['3,2', 3],
    ['1.5', 1.5],
    ['0.001', 0.001],
    ['1, soon', undefined],
    ['1., 2', undefined],
    ['.5', undefined],
    ['', undefined],
    [' ', undefined],
    ['-5', undefined],
    ['+5', undefined],
    ['5s', undefined],
    ['0x10', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ];
  test.each(numbers)('of %j seconds is parsed as %s', (header, want) => {
    expect(read(header)).toBe(want);
    expect(read(header, date)).toBe(want);
  });

  const dates: readonly (readonly [title: string, until: string, serverDate: string | undefined, want: unknown])[] = [
    ['in the future', 'Tue, 14 Apr 2026 10:00:01 GMT', date, 1],
    ['in the future, without a Date', 'Tue, 14 Apr 2026 10:01:00 GMT', undefined, 60],
    ['that is now', date, date, 0],
    ['in the past', 'Tue, 14 Apr 2026 09:59:00 GMT', date, 0],
    ['long ago', 'Sun, 06 Nov 1994 08:49:37 GMT', undefined, 0],
    ['of a server whose clock is ahead', 'Tue, 14 Apr 2026 11:00:10 GMT', 'Tue, 14 Apr 2026 11:00:00 GMT', 10],
    ['of a server whose clock is behind', 'Tue, 14 Apr 2026 08:00:10 GMT', 'Tue, 14 Apr 2026 08:00:00 GMT', 10],
    ['beside an unreadable Date', 'Tue, 14 Apr 2026 10:00:30 GMT', 'today', 30],
    ['beside an empty Date', 'Tue, 14 Apr 2026 10:00:30 GMT', '', 30],
    ['between spaces', '  Tue, 14 Apr 2026 10:00:30 GMT ', ` ${date} `, 30],
    ['in the form of RFC 850', 'Tuesday, 14-Apr-26 10:00:30 GMT', date, 30],
    ['in the form of RFC 850, of the last century', 'Sunday, 06-Nov-94 08:49:37 GMT', undefined, 0],
    ['in the form of RFC 850, of the next years', 'Monday, 14-Apr-75 10:00:00 GMT', undefined, 1_546_300_800],
    ['in the form of asctime', 'Tue Apr 14 10:00:30 2026', date, 30],
    ['in the form of asctime, on a day of one digit', 'Sat May  2 10:00:00 2026', date, 18 * 86_400],
    ['beside a Date in the form of asctime', 'Tue, 14 Apr 2026 11:00:10 GMT', 'Tue Apr 14 11:00:00 2026', 10],
    ['beside another date', 'Tue, 14 Apr 2026 10:00:30 GMT, Tue, 14 Apr 2026 10:00:40 GMT', date, 40],
    ['beside a number', '50, Tue, 14 Apr 2026 10:00:30 GMT', date, 50],
    ['in the form of ISO 8601', '2026-04-14T10:00:30Z', date, undefined],
    ['in another zone', 'Tue, 14 Apr 2026 12:00:30 +0200', date, undefined],
    ['after other words', 'soon, Tue, 14 Apr 2026 10:00:30 GMT', date, undefined],
    ['before other words', 'Tue, 14 Apr 2026 10:00:30 GMT+0100', date, undefined],
    ['without a zone', 'Tue, 14 Apr 2026 10:00:30', date, undefined],
    ['with a month that does not exist', 'Tue, 14 Foo 2026 10:00:30 GMT', date, undefined],
    ['with an hour that does not exist', 'Tue, 14 Apr 2026 99:00:30 GMT', date, undefined],
    ['that is only a year', '2027', date, 2027],
  ];
  test.each(dates)('with a date %s is compared with Date', (_, until, serverDate, want) => {
    expect(read(until, serverDate)).toBe(want);
  });

  test('of two headers uses the larger one', () => {
    const headers = new Headers([
      ['retry-after', '1'],
      ['retry-after', '2'],
    ]);
    expect(retryAfterSeconds(headers, now)).toBe(2);
  });

  test('is relative to the current time without a clock', () => {
    expect(retryAfterSeconds(new Headers({ 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }))).toBe(0);
    expect(retryAfterSeconds(new Headers({ 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }))).toBeGreaterThan(1e9);
  });

  test('is never NaN and never negative, for any text', () => {
    const text = fc.oneof(
      fc.stringMatching(/^[ -~]{0,30}$/),
      fc.stringMatching(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/),
    );
    fc.assert(
      fc.property(text, text, (retryAfter, serverDate) => {
        const seconds = read(retryAfter, serverDate);
        expect(seconds === undefined || seconds >= 0).toBe(true);
      }),
      { seed: 20_261_122, numRuns: 200 },
    );
  });
});
