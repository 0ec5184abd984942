/** The headers that `onRequest` may change. */
import { OctaConfigurationError } from '../errors/errors.ts';
import { wrongHeader } from './headers.ts';

function check(name: unknown, value: unknown): void {
  if (wrongHeader({ [String(name)]: String(value) }) === undefined) return;
  // The value is not named: it may be a secret.
  const message = `onRequest set the header ${JSON.stringify(name)}, whose name or value is not valid`;
  throw new OctaConfigurationError({ message });
}

/** A mistake that would go unnoticed: a Headers object takes any property, and sends none. */
function refuse(...given: [target: object, name: string | symbol, value: unknown, receiver: unknown]): boolean {
  const [, name] = given;
  // Deno marks its objects so.
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

/** Made when it is needed: a module must not need Headers to be loaded. */
let HookHeaders: ReturnType<typeof makeClass> | undefined;

/** Headers that refuse, with a clear error, what cannot be sent, and what is assigned to them as to a plain object. */
export function hookHeaders(given: Readonly<Record<string, string>>): Headers {
  HookHeaders ??= makeClass();
  return new HookHeaders(given);
}
