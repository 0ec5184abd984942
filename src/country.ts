/** Which country a text means, for catalogues, filters and the simulator. */

/**
 * Common names that `Intl.DisplayNames` lacks in some or all versions, after the code of their country. A runtime without
 * `Intl.DisplayNames` knows codes and these names alone.
 */
const aliases =
  'AE uae/CI ivorycoast/CN peopleschina/CZ czech czechia/GB uk britain greatbritain unitedkingdom/HK hongkong/KR korea southkorea/' +
  'MK macedonia/NL holland netherlands/RU russia russianfederation/TR turkey turkiye/US usa unitedstates unitedstatesamerica';

/** Letters alone, without accents, and without the words that official names have and others leave out. */
function folded(text: string): string {
  const words = text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '');
  // Without its first word, the official name of Taiwan is the usual one of another country.
  if (/^\P{L}*(?:the )?republic of china\P{L}*$/u.test(words)) return 'taiwan';
  return words.replace(/\b(?:the|of|and|republic)\b|[^\p{L}]/gu, '').replace(/^saint/, 'st');
}

/** Adds the English names of all regions. There are only 676 codes of two letters, so it asks the runtime for each. */
function addNames(codes: Map<string, string>): void {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  for (let index = 0; index < 26 * 26; index++) {
    const code = String.fromCharCode(65 + index / 26, 65 + (index % 26));
    const name = names.of(code);
    // Some obsolete codes have the name of another country: DD is also called Germany.
    if (name !== undefined && new Intl.Locale(`und-${code}`).region === code) codes.set(folded(name), code);
  }
}

let known: Map<string, string> | undefined;

/** Codes by folded name, made once. */
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

/** Two-letter code (ISO 3166-1) of a country, given by its code or its English name; undefined if it is not known. */
export function countryCode(text: string): string | undefined {
  const name = folded(text);
  return knownCodes().get(name) ?? (/^[a-z]{2}$/.test(name) ? name.toUpperCase() : undefined);
}

/** Equal for texts that mean the same country. */
export function countryKey(text: string): string {
  return countryCode(text) ?? (folded(text) || text.toLowerCase());
}
