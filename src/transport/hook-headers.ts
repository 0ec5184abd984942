/** The headers that `onRequest` may change. */
import { OctaConfigurationError } from '../errors/errors.ts';
import { wrongHeader } from './headers.ts';

function check(name: unknown, value: unknown): void {
  if (wrongHeader({ [String(name)]: String(value) }) === undefined) return;
  // Without the value, which may be secret.
  const message = `onRequest set the header ${JSON.stringify(name)}, whose name or value is not valid`;
  throw new OctaConfigurationError({ message });
}

/** Rejects property assignments: a Headers object accepts them, but does not send them. */
function refuse(...given: [target: object, name: string | symbol, value: unknown, receiver: unknown]): boolean {
  const [, name] = given;
  // Deno sets symbol properties on its objects.
  if (typeof name === 'symbol') return Reflect.set(...given);
  const shown = JSON.stringify(name);
  throw new OctaConfigurationError({ message: `headers is a Headers object: use headers.set(${shown}, value)` });
}

function makeClass(): new (init: Readonly<Record<string, string>>) => Headers {
  class HookHeaders extends Headers {
    override set(name: string, value: string): void {
      check(name, value);
      super.set(name, value);
    }

    override append(name: string, value: string): void {
      check(name, value);
      super.append(name, value);
    }
  }
  const trap = new Proxy(Object.create(Headers.prototype), { set: refuse });
  Object.setPrototypeOf(HookHeaders.prototype, trap);
  return HookHeaders;
}

/** Created on first use, so that loading this module does not require `Headers`. */
let HookHeaders: ReturnType<typeof makeClass> | undefined;

/** Headers that throw a clear error for invalid headers, and for assignments as to a plain object. */
export function hookHeaders(given: Readonly<Record<string, string>>): Headers {
  HookHeaders ??= makeClass();
  return new HookHeaders(given);
}
