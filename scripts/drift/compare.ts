/** Finds the differences between two descriptions of the same API. */
import { anyMethod, type Described, type Description, type Parameter } from './describe.ts';
import { lostText, nameOf, type Shape } from './shape.ts';

/** One difference. Its key does not change while the difference exists. */
export interface Difference {
  /** `GET /services/{uuid}/info`, with our names for the parameters of the path. */
  readonly operation: string;
  /** The whole line: operation, place, and what differs there. */
  readonly key: string;
}

type Note = (text: string) => void;

/** Two shapes, theirs and ours, and their place. */
interface Pair {
  readonly theirs: Shape;
  readonly ours: Shape;
  /** Place within the operation: `200 [].gpus[].model`. */
  readonly place: string;
}

/** Error statuses of any operation. It is not a difference if theirs leaves them out. */
const tacitStatuses = /^(?:401|403|408|429|5\d\d)$/;
/** Formats that limit integers. */
const bounded = ['int32', 'int64'];
/** Formats that change the JSON. */
const telling = ['date-time', 'date', 'binary', 'byte'];
/** Our formats for amounts without bound. */
const unbounded = ['wei', 'wei-input'];

function formatsDiffer(theirs: string | undefined, ours: string | undefined): boolean {
  if (theirs === ours) return false;
  if (telling.includes(theirs ?? '') || telling.includes(ours ?? '')) return true;
  return bounded.includes(theirs ?? '') && unbounded.includes(ours ?? '');
}

/** A place one level deeper: `200`, `200 []`, `200 [].gpus`, `200 [].gpus[]`. */
function within(place: string, step: string): string {
  if (!place.includes(' ')) return `${place} ${step}`;
  return step === '[]' || step === '{}' ? `${place}${step}` : `${place}.${step}`;
}

/** Compares two shapes. Remembers the pairs on the way down, because a pair inside itself has no new differences. */
class Walk {
  readonly #note: Note;
  readonly #open: (readonly [theirs: object, ours: object])[] = [];

  constructor(note: Note) {
    this.#note = note;
  }

  compare(pair: Pair): void {
    const { theirs, ours } = pair;
    if (this.#open.some(([left, right]) => left === theirs.source && right === ours.source)) return;
    this.#open.push([theirs.source, ours.source]);
    this.#compareHere(pair);
    this.#open.pop();
  }

  #compareHere(pair: Pair): void {
    const { theirs, ours, place } = pair;
    const lost = new Set([...theirs.lost, ...ours.lost]);
    for (const reference of lost) this.#note(`${place}: ${lostText(reference)}`);
    // The incomplete rest would show false differences.
    if (lost.size > 0) return;
    const single = unwrapped(pair);
    if (single !== undefined) {
      this.#note(`${place} type: ${nameOf(theirs)} in theirs, ${nameOf(ours)} in ours`);
      this.compare(single);
      return;
    }
    if (theirs.types.join() !== ours.types.join()) {
      this.#note(`${place} type: ${nameOf(theirs)} in theirs, ${nameOf(ours)} in ours`);
      // Comparing the fields would only repeat this difference.
      if (!theirs.types.includes('object') || !ours.types.includes('object')) return;
    }
    if (theirs.nullable && !ours.nullable) this.#note(`${place} null: allowed in theirs only`);
    this.#compareFormats(pair);
    this.#compareValues(pair);
    this.#compareFields(pair);
    this.#compareInside(pair);
  }

  #compareFormats({ theirs, ours, place }: Pair): void {
    if (!formatsDiffer(theirs.format, ours.format)) return;
    this.#note(`${place} format: ${theirs.format ?? 'none'} in theirs, ${ours.format ?? 'none'} in ours`);
  }

  #compareValues({ theirs, ours, place }: Pair): void {
    const { values: theirValues = [] } = theirs;
    const { values: ourValues = [] } = ours;
    for (const value of theirValues.filter((each) => !ourValues.includes(each))) {
      this.#note(`${place} enum ${value}: only in theirs`);
    }
    for (const value of ourValues.filter((each) => !theirValues.includes(each))) {
      this.#note(`${place} enum ${value}: only in ours`);
    }
  }

  #compareFields(pair: Pair): void {
    const { theirs, ours, place } = pair;
    for (const name of new Set([...theirs.fields.keys(), ...ours.fields.keys()])) {
      const their = theirs.fields.get(name) ?? theirs.entries;
      const our = ours.fields.get(name) ?? ours.entries;
      const inside = within(place, name);
      if (their === undefined) this.#noteOneSided(inside, 'ours', our?.());
      else if (our === undefined) this.#noteTheirs(pair, name, their());
      else {
        this.#compareRequired(pair, name);
        this.compare({ theirs: their(), ours: our(), place: inside });
      }
    }
  }

  #noteTheirs({ theirs, place }: Pair, name: string, shape: Shape): void {
    const required = theirs.required?.includes(name) === true ? ', required' : '';
    this.#noteOneSided(within(place, name), 'theirs', shape, required);
  }

  #noteOneSided(place: string, side: 'ours' | 'theirs', shape: Shape | undefined, more = ''): void {
    this.#note(`${place}: only in ${side} (${shape === undefined ? 'anything' : nameOf(shape)}${more})`);
  }

  /** A schema without a list of required fields does not say which are required. */
  #compareRequired({ theirs, ours, place }: Pair, name: string): void {
    if (theirs.required === undefined) return;
    const their = theirs.required.includes(name);
    const our = ours.required?.includes(name) === true;
    if (their !== our) this.#note(`${within(place, name)} required: ${requiredText(their, our)}`);
  }

  #compareInside({ theirs, ours, place }: Pair): void {
    const pairs = [
      ['[]', theirs.items?.(), ours.items?.()],
      ['{}', theirs.entries?.(), ours.entries?.()],
    ] as const;
    for (const [step, their, our] of pairs) {
      if (their !== undefined && our !== undefined) {
        this.compare({ theirs: their, ours: our, place: within(place, step) });
      }
    }
  }
}

/** One side has an object, and the other a list of objects: compares their fields. */
function unwrapped({ theirs, ours, place }: Pair): Pair | undefined {
  const [theirItem, ourItem] = [theirs, ours].map(({ types, items }) =>
    types.join() === 'array' ? items?.() : undefined,
  );
  const theirList = theirItem?.types.join() === 'object' && ours.types.join() === 'object';
  const ourList = ourItem?.types.join() === 'object' && theirs.types.join() === 'object';
  if (theirList && theirItem !== undefined) return { theirs: theirItem, ours, place: within(place, '[]') };
  if (ourList && ourItem !== undefined) return { theirs, ours: ourItem, place: within(place, '[]') };
  return undefined;
}

function requiredText(theirs: boolean, ours: boolean): string {
  return `${theirs ? 'yes' : 'no'} in theirs, ${ours ? 'yes' : 'no'} in ours`;
}

function compareParameter(
  walk: Walk,
  note: Note,
  {
    theirs,
    ours,
    place,
  }: { readonly theirs: Parameter | undefined; readonly ours: Parameter | undefined; readonly place: string },
): void {
  const only = theirs ?? ours;
  if (theirs !== undefined && ours !== undefined) {
    const known = theirs.shape.lost.length + ours.shape.lost.length === 0;
    if (known && theirs.required !== ours.required)
      note(`${place} required: ${requiredText(theirs.required, ours.required)}`);
    walk.compare({ theirs: theirs.shape, ours: ours.shape, place });
  } else if (only !== undefined) {
    const side = theirs === undefined ? 'ours' : 'theirs';
    note(`${place}: only in ${side} (${nameOf(only.shape)}${only.required ? ', required' : ''})`);
  }
}

/** The status to compare with ours; another success if ours does not exist there. */
function statusIn(answers: Described['answers'], status: string): string | undefined {
  if (answers.has(status)) return status;
  return status.startsWith('2') ? [...answers.keys()].find((each) => each.startsWith('2')) : undefined;
}

function compareAnswers(walk: Walk, note: Note, theirs: Described, ours: Described): void {
  for (const [status, their] of theirs.answers) {
    const match = statusIn(ours.answers, status);
    if (match !== status) note(`${status}: only in theirs`);
    const our = match === undefined ? undefined : ours.answers.get(match);
    // Theirs often lists only the status.
    if (their === undefined && our !== undefined && status.startsWith('2')) note(`${status} body: only in ours`);
    if (their !== undefined && our !== undefined) walk.compare({ theirs: their, ours: our, place: status });
  }
  for (const status of ours.answers.keys()) {
    if (!tacitStatuses.test(status) && !statusIn(theirs.answers, status)) note(`${status}: only in ours`);
  }
}

function compareOperations(theirs: Described, ours: Described, note: Note): void {
  const walk = new Walk(note);
  for (const reference of [...theirs.lost, ...ours.lost]) note(`parameter: ${lostText(reference)}`);
  if (theirs.key !== undefined && theirs.key !== ours.key) note(`key: ${theirs.key} in theirs, ${ours.key} in ours`);
  for (const place of new Set([...theirs.parameters.keys(), ...ours.parameters.keys()])) {
    compareParameter(walk, note, { theirs: theirs.parameters.get(place), ours: ours.parameters.get(place), place });
  }
  compareParameter(walk, note, { theirs: theirs.body, ours: ours.body, place: 'body' });
  compareAnswers(walk, note, theirs, ours);
}

/** Lines for an operation that only one side has. */
function oneSided({ method, lost }: Described, side: 'ours' | 'theirs'): string[] {
  return method === anyMethod ? lost.map((reference) => `: ${lostText(reference)}`) : [`: only in ${side}`];
}

/** The differences of one operation, without duplicates: a field may be reached in two ways. */
function differencesAt(their: Described | undefined, our: Described | undefined): string[] {
  if (their === undefined || our === undefined) {
    return [
      ...(our === undefined ? [] : oneSided(our, 'ours')),
      ...(their === undefined ? [] : oneSided(their, 'theirs')),
    ];
  }
  const texts = new Set<string>();
  compareOperations(their, our, (text) => texts.add(` ${text}`));
  return [...texts];
}

/** All differences, by operation: first ours in their order, then those that only theirs has. */
export function compareDescriptions(theirs: Description, ours: Description): Difference[] {
  const places = [...new Set([...ours.keys(), ...theirs.keys()])];
  // The operations of an unreadable path are not known.
  const known = places.filter((place) => theirs.has(place) || !theirs.has(place.replace(/^\S+/, anyMethod)));
  return known.flatMap((place) => {
    const [their, our] = [theirs.get(place), ours.get(place)];
    const { method = '', path = '' } = our ?? their ?? {};
    const operation = `${method} ${path}`;
    return differencesAt(their, our).map((text) => ({ operation, key: `${operation}${text}` }));
  });
}
