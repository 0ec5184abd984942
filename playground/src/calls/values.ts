/** From what is typed to values. */
import type { Parameter, Values } from './types.ts';

/** What is wrong with what was typed; undefined: nothing. */
export function problemWith({ kind, required = false }: Parameter, text: string): string | undefined {
  if (text.trim() === '') return required ? 'needed' : undefined;
  if (kind === 'number' && !Number.isFinite(Number(text))) return 'a number';
  if (kind === 'digits' && !/^\d+$/.test(text.trim())) return 'digits only';
  if (kind !== 'json') return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return 'JSON';
  }
}

function typedValue({ kind }: Parameter, text: string): unknown {
  if (kind === 'number') return Number(text);
  if (kind === 'digits') return BigInt(text.trim());
  if (kind === 'boolean') return text === 'true';
  return kind === 'json' ? JSON.parse(text) : text.trim();
}

/** Values of all that was typed. */
export function valuesOf(parameters: readonly Parameter[], texts: Readonly<Record<string, string>>): Values {
  const filled = parameters.filter(({ name }) => (texts[name] ?? '').trim() !== '');
  return Object.fromEntries(
    filled.map((parameter) => [parameter.name, typedValue(parameter, texts[parameter.name] ?? '')]),
  );
}
