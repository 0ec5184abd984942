/** Times in the texts of tools: in seconds, minutes or hours, although the messages of the client have milliseconds. */
import { counted } from '../account.ts';

/** Unit: ms. */
export const minuteMs = 60_000;
/** Unit: ms. */
export const hourMs = 3_600_000;

/** A time in words, such as "15 minutes". Unit: ms. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  const [unit, name] = ms < minuteMs ? [1_000, 'second'] : ms < 2 * hourMs ? [minuteMs, 'minute'] : [hourMs, 'hour'];
  return counted(Number((ms / Number(unit)).toFixed(1)), String(name));
}

/** What arguments of tools are called that are options of the client. */
const argumentNames: Readonly<Record<string, string>> = { maxSpend: 'max_spend_octa', maxDurationMs: 'max_minutes' };

/** A message of the client for users of tools: times in words, and no names of options that tools do not have. */
export function withDurations(message: string): string {
  const renamed = message.replace(/ \((maxSpend|\w+Ms)\)/g, (_, option: string) => {
    const name = argumentNames[option];
    return name === undefined ? '' : ` (${name})`;
  });
  return renamed.replace(/\b(\d+(?:\.\d+)?) ms\b/g, (_, ms: string) => durationText(Number(ms)));
}
