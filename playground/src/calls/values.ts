/** Converts input to values. */
import type { Parameter, Values } from './types.ts';

/** The problem of an input; undefined if it is valid. */
export function problemWith({ kind, required = false }: Parameter, text: string): string | undefined {
  if (text.trim() === '') return required ? 'required' : undefined;
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

/** The values of all inputs. */
export function valuesOf(parameters: readonly Parameter[], texts: Readonly<Record<string, string>>): Values {
  const filled = parameters.filter(({ name }) => (texts[name] ?? '').trim() !== '');
  return Object.fromEntries(
    filled.map((parameter) => [parameter.name, typedValue(parameter, texts[parameter.name] ?? '')]),
  );
}
