/** Keeps the API key out of everything that leaves the transport. */

const substitute = '[API key]';
/** Shorter keys occur in ordinary words; replacing them would only garble texts. */
const shortestSecret = 4;
const deepestCause = 8;

/** The text with every occurrence of the key replaced. */
export function redact(text: string, key: string | undefined): string {
  return key === undefined || key.length < shortestSecret ? text : text.replaceAll(key, substitute);
}

/** Headers with every occurrence of the key replaced. */
export function redactHeaders(headers: Headers, key: string | undefined): Headers {
  return new Headers([...headers].map(([name, value]): [string, string] => [name, redact(value, key)]));
}

function mentions(error: unknown, key: string, depth = 0): boolean {
  if (typeof error === 'string') return error.includes(key);
  if (typeof error !== 'object' || error === null || depth > deepestCause) return false;
  const fields = ['message', 'stack', 'name', 'code', ...Object.keys(error)];
  return (
    fields.some((field) => {
      const value: unknown = Reflect.get(error, field);
      return typeof value === 'string' && value.includes(key);
    }) || mentions(Reflect.get(error, 'cause'), key, depth + 1)
  );
}

/** A cause that is safe to show: as it is, or, when it mentions the key, its name and redacted message alone. */
export function redactCause(cause: unknown, key: string | undefined): unknown {
  if (key === undefined || key.length < shortestSecret || !mentions(cause, key)) return cause;
  if (!(cause instanceof Error)) return redact(String(cause), key);
  const safe = new Error(redact(cause.message, key));
  safe.name = redact(cause.name, key);
  safe.stack = `${safe.name}: ${safe.message}`;
  const code: unknown = Reflect.get(cause, 'code');
  return typeof code === 'string' ? Object.assign(safe, { code: redact(code, key) }) : safe;
}
