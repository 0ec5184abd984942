/** Values in the results of tools: amounts, and text from the API or from machines. */
import { formatOcta } from '../../index.ts';
import { readableLine, readableText } from '../../readable.ts';
import { withDurations } from './durations.ts';
import type { Zod } from './sdk.ts';

/** An amount, exactly. */
export interface Amount {
  readonly octa: string;
  readonly wei: string;
}

/** An amount of Wei as tools return it. */
export function amount(wei: bigint): Amount {
  return { octa: formatOcta(wei), wei: String(wei) };
}

/** The same for an amount that may be unknown. */
export function someAmount(wei: bigint | undefined): Amount | undefined {
  return wei === undefined ? undefined : amount(wei);
}

/** Schema of an amount. */
export function amountSchema(z: Zod, description: string) {
  return z.strictObject({ octa: z.string(), wei: z.string() }).describe(description);
}

/** Longest name, such as that of a city or a GPU. Unit: characters. */
const longestName = 100;
/** Longest message of an error. Unit: characters. */
const longestMessage = 600;

/** Text from the API or a machine, cut to a length, without control characters. */
function bounded(text: string, most: number): string {
  const whole = text.length > most ? `${text.slice(0, most)}…` : text;
  // Half of a surrogate pair is not valid text.
  return whole.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}

/** A short name from the API or a machine: one line. */
export function nameText(text: string): string;
export function nameText(text: string | undefined): string | undefined;
export function nameText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : bounded(readableLine(String(text)), longestName);
}

/** Text from the API or a machine, cut to `most` characters. It may have several lines. */
export function longText(text: string, most: number): string {
  return bounded(readableText(text.replaceAll('\r\n', '\n')), most);
}

/** The message of an error, which may contain text of the API. */
export function errorMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return bounded(readableLine(withDurations(text)), longestMessage);
}

/** The kind of an error, for programs. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}

/** A number rounded to some decimal places. */
export function rounded(value: number, digits = 6): number {
  return Number(value.toFixed(digits));
}

/** An object without its undefined fields. */
export function known<Fields extends object>(fields: Fields): Partial<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  // Only undefined fields were left out.
  return Object.fromEntries(entries) as Partial<Fields>;
}
