import { afterEach, describe, expect, test, vi } from 'vitest';
import { countryCode, countryKey } from '../../src/country.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const table: [code: string, texts: string[]][] = [
  ['GB', ['GB', 'gb', 'UK', 'uk', 'U.K.', 'United Kingdom', 'Great Britain', 'Britain', ' united  KINGDOM ']],
  ['US', ['US', 'USA', 'usa', 'U.S.A.', 'United States', 'United States of America', 'the United States']],
  ['NL', ['NL', 'Netherlands', 'The Netherlands', 'Holland']],
  ['KR', ['KR', 'Korea', 'South Korea', 'Republic of Korea', 'Korea, Republic of', 'southkorea']],
  ['KP', ['KP', 'North Korea']],
  ['CN', ['CN', 'China', "People's Republic of China"]],
  ['TW', ['TW', 'Taiwan', 'Republic of China', 'The Republic of China']],
  ['CZ', ['CZ', 'Czechia', 'Czech Republic', 'The Czech Republic']],
  ['AE', ['AE', 'UAE', 'United Arab Emirates']],
  ['RU', ['RU', 'Russia', 'Russian Federation']],
  ['TR', ['TR', 'Turkey', 'Türkiye', 'Turkiye']],
  ['VN', ['VN', 'Vietnam', 'Viet Nam']],
  ['HK', ['HK', 'Hong Kong', 'Hong Kong SAR China']],
  ['CI', ['CI', 'Côte d’Ivoire', "Cote d'Ivoire", 'Ivory Coast']],
  ['BA', ['BA', 'Bosnia and Herzegovina', 'Bosnia & Herzegovina']],
  ['MD', ['MD', 'Moldova', 'Moldova, Republic of']],
  ['MK', ['MK', 'North Macedonia', 'Macedonia']],
  ['LC', ['LC', 'Saint Lucia', 'St. Lucia']],
  ['DE', ['DE', 'de', 'Germany', 'GERMANY', ' germany ']],
  ['FR', ['FR', 'France']],
  ['RS', ['RS', 'Serbia']],
  ['MM', ['MM']],
  ['PL', ['PL', 'Poland']],
  ['SG', ['SG', 'Singapore']],
  ['SE', ['SE', 'Sweden']],
  ['CH', ['CH', 'Switzerland']],
  ['IE', ['IE', 'Ireland', 'Republic of Ireland']],
  ['DO', ['DO', 'Dominican Republic']],
  ['DM', ['DM', 'Dominica']],
  ['NE', ['NE', 'Niger']],
  ['NG', ['NG', 'Nigeria']],
  ['CF', ['CF', 'Central African Republic']],
];

describe('A country is recognized by its code, its English name and its usual names', () => {
  test.each(table)('%s', (code, texts) => {
    expect(texts.map(countryCode)).toEqual(texts.map(() => code));
  });

  test.each(['Atlantis', 'Germ', 'Bundesrepublik de', 'United', 'Republic', 'Україна', '--', ''])(
    '%j is not a country, and matches only itself',
    (text) => {
      expect(countryCode(text)).toBeUndefined();
      expect(countryKey(text)).toBe(countryKey(text.toUpperCase()));
      expect(table.map(([code]) => countryKey(code))).not.toContain(countryKey(text));
    },
  );

  test('every code of the runtime is found by its name', () => {
    const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
    for (const code of ['AU', 'BR', 'CA', 'ES', 'FI', 'IN', 'IT', 'JP', 'LT', 'NO', 'PT', 'RO', 'UA', 'ZA']) {
      expect(countryCode(names.of(code) ?? '')).toBe(code);
    }
  });
});

test.each([
  ['without Intl.DisplayNames', { ...Intl, DisplayNames: undefined }],
  ['without Intl', undefined],
])('%s, codes and usual names are known, and any other name matches only itself.', async (_, replaced) => {
  vi.resetModules();
  vi.stubGlobal('Intl', replaced);
  const bare = await import('../../src/country.ts');
  const known = ['de', 'UK', 'Great Britain', 'USA', 'Holland', 'The Netherlands', 'Korea', 'Czechia', 'Russia'];
  expect(known.map(bare.countryCode)).toEqual(['DE', 'GB', 'GB', 'US', 'NL', 'NL', 'KR', 'CZ', 'RU']);
  expect(bare.countryCode('Germany')).toBeUndefined();
  expect(bare.countryKey(' GERMANY')).toBe(bare.countryKey('Germany'));
});
