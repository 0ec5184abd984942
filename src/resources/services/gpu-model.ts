/**
 * Decides from its name whether a GPU is of a certain model. Names are compared by words and numbers: the name must have every word of
 * the query, and no word after the number that makes it another model.
 */

/** Words that are ignored: vendors, brands, and words without a meaning. */
const fillers =
  /^(?:nvidia|amd|intel|geforce|radeon|quadro|tesla|instinct|gpu|graphics|generation|edition|series|with|design)$/;

/**
 * Words after the number that only describe the form of the same model: memory, socket, casing, cooling. Any other word there makes
 * another model: D, Ti, SUPER, XT, XTX, GRE, S, M, G, X, Ada, SFF, Laptop, Max-Q, a slice such as 10C or MIG, and future names.
 */
const forms = /^(?:(?:mem|sxm|hbm|pcie)\d*|nvl|oam|lite|hash|rate|workstation|server|active|ac|blackwell|pascal)$/;

/** Replacements that turn a name in lower case into words separated by spaces. */
const rewrites: readonly (readonly [RegExp, string])[] = [
  [/\((?:r|tm|rev [^()]*)\)/g, ' '],
  // A slice of a GPU, with or without MIG in its name: 1g.5gb is one seventh of an A100.
  [/\b(\d)g\.(?=\d+gb)/g, ' mig mig$1 '],
  [/(sxm|hbm)(\d)[a-z]*/g, ' $1 $1$2 '],
  [/(\d{1,5})\s?[gm]i?b\b|\b(\d{1,5})\s?g\b/g, ' mem$1$2 '],
  [/super/g, ' s '],
  [/max[\s-]?q/g, ' maxq '],
  [/mobile/g, ' laptop '],
  [/vii\b/g, ' 7 '],
  [/(nvidia|amd|intel|geforce|radeon|quadro|tesla|titan|instinct|rtx|gtx)(?=[a-z\d])/g, '$1 '],
  [/\b(gt|rx|hd|arc|vega)(?=[a-z]?\d)/g, '$1 '],
  [/(\d)(?=[a-z])/g, '$1 '],
  [/[^a-z\d]+/g, ' '],
  // A letter before a number belongs to it: A 100 is A100, but 100 is not. D, S and X are not here, because they follow a number.
  [/\b(mi|gh|gb|wx|[a-ce-rt-wyz]) (?=\d)/g, '$1'],
  [/\bpro ?(?=\d)/g, 'pro pro'],
];

/** Longer names are cut to this length. Unit: characters. */
const longest = 300;

function wordsOf(text: string): string[] {
  const spaced = rewrites.reduce((left, [pattern, words]) => left.replace(pattern, words), text.toLowerCase());
  return spaced.split(' ').filter(Boolean);
}

/** Whether a word distinguishes a model from others of its series. */
function isModel(word: string): boolean {
  return word === 'titan' || (/\d/.test(word) && !forms.test(word));
}

/**
 * Splits a text with several names: lspci reports `Navi 31 [Radeon RX 7900 XT/7900 XTX]` for a GPU that may be either. An alternative
 * without a number is another form of the first name. An alternative that only states the memory belongs to the name before it.
 */
function namesIn(text: string): string[][] {
  // The name comes from a server, and a long name must not take long to process.
  return text
    .slice(0, longest)
    .split(/[[\]]/)
    .flatMap((part) => {
      const [first = [], ...others] = part.split('/').map(wordsOf);
      const at = first.findIndex(isModel);
      const names = [first];
      for (const other of others) {
        const before = other.every(isHarmless)
          ? (names.at(-1) ?? [])
          : first.slice(0, other.some(isModel) ? at : at + 1);
        names.push([...before, ...other]);
      }
      return names;
    });
}

function hasAll(words: readonly string[], asked: readonly string[]): boolean {
  return asked.every((word) => words.includes(word));
}

/** Whether a text has words or numbers that could name a model. */
export function saysModel(text: string): boolean {
  return wordsOf(text).length > 0;
}

/** Returns a function that tells whether a name is of the requested model. It processes each name only once. */
export function modelMatcher(query: string): (name: string) => boolean {
  const asked = wordsOf(query);
  const model = asked.find(isModel);
  const needed = model === undefined ? asked : asked.filter((word) => !fillers.test(word));
  const matches = (text: string): boolean => {
    const names = namesIn(text);
    if (model === undefined) return hasAll(names.flat(), needed);
    return names.some((words) => {
      const behind = words.slice(words.indexOf(model) + 1);
      return hasAll(words, needed) && behind.every((word) => needed.includes(word) || isHarmless(word));
    });
  };
  const known = new Map<string, boolean>();
  return (name) => {
    const match = known.get(name) ?? matches(name);
    known.set(name, match);
    return match;
  };
}

function isHarmless(word: string): boolean {
  return fillers.test(word) || forms.test(word);
}
