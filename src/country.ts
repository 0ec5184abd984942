/** Parses country names and codes, for catalogues, filters and the simulator. */

/**
 * Common names that some or all versions of `Intl.DisplayNames` lack, each row after its country code. Without `Intl.DisplayNames`,
 * only codes and these names are known.
 */
const aliases =
  'AE uae/CI ivorycoast/CN peopleschina/CZ czech czechia/GB uk britain greatbritain unitedkingdom/HK hongkong/KR korea southkorea/' +
  'MK macedonia/NL holland netherlands/RU russia russianfederation/TR turkey turkiye/US usa unitedstates unitedstatesamerica';

/** The letters of a name, without accents and without words that only official names contain. */
function folded(text: string): string {
  const words = text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '');
  // Without "republic", the official name of Taiwan would look like that of China.
  if (/^\P{L}*(?:the )?republic of china\P{L}*$/u.test(words)) return 'taiwan';
  return words.replace(/\b(?:the|of|and|republic)\b|[^\p{L}]/gu, '').replace(/^saint/, 'st');
}

/** Adds the English names of all regions, by trying all 676 two-letter codes. */
function addNames(codes: Map<string, string>): void {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  for (let index = 0; index < 26 * 26; index++) {
    const code = String.fromCharCode(65 + index / 26, 65 + (index % 26));
    const name = names.of(code);
    // Some obsolete codes have the name of another country: DD is also named Germany.
    if (name !== undefined && new Intl.Locale(`und-${code}`).region === code) codes.set(folded(name), code);
  }
}

let known: Map<string, string> | undefined;

/** Codes by folded name, computed once. */
function knownCodes(): Map<string, string> {
  if (known !== undefined) return known;
  known = new Map();
  try {
    addNames(known);
  } catch {
    // Without Intl.DisplayNames, only the aliases are known.
  }
  for (const row of aliases.split('/')) {
    const [code = '', ...names] = row.split(' ');
    for (const name of names) known.set(name, code);
  }
  return known;
}

/** The two-letter code (ISO 3166-1) for a code or an English name; undefined if it is unknown. */
export function countryCode(text: string): string | undefined {
  const name = folded(text);
  return knownCodes().get(name) ?? (/^[a-z]{2}$/.test(name) ? name.toUpperCase() : undefined);
}

/** A key that is equal for all names and codes of a country. */
export function countryKey(text: string): string {
  return countryCode(text) ?? (folded(text) || text.toLowerCase());
}
