/** Rewords messages of the SDK for `octaspace run`: its user knows flags, not the options of the SDK. */

/** The flag for each option. These names occur in no other sense. */
const flags: Readonly<Record<string, string>> = {
  maxSpend: '--max-spend',
  maxDurationMs: '--max-minutes',
  readyTimeoutMs: '--ready-minutes',
  idleTimeoutMs: '--idle-minutes',
};
const option = new RegExp(`\\b(?:${Object.keys(flags).join('|')})\\b`, 'g');

/** The flag for each field whose name is an ordinary word, so that only the first word of a message means the field. */
const fields: Readonly<Record<string, string>> = {
  gpu: '--gpu',
  country: '--country',
  image: '--image',
  envs: '--env',
  files: '--file',
  results: '--result',
  command: 'the command',
};
const field = new RegExp(`^(?:${Object.keys(fields).join('|')})(?= (?:is|has|contains) )`);

/** A message of the SDK, with flags for options. `spendLimit` is what limits the cost, if that is not `--max-spend`. */
export function inFlags(message: string, spendLimit: string = flags.maxSpend ?? ''): string {
  return message
    .replace(field, (name) => fields[name] ?? name)
    .replace(option, (name) => (name === 'maxSpend' ? spendLimit : (flags[name] ?? name)));
}
