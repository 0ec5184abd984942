/** The headers that `onRequest` may change. */
import { OctaConfigurationError } from '../errors/errors.ts';
import { wrongHeader } from './headers.ts';

function check(name: unknown, value: unknown): void {
  if (wrongHeader({ [String(name)]: String(value) }) === undefined) return;
  // The value is not named: it may be a secret.
  const message = `onRequest set ${JSON.stringify(name)}, which is not a header name, or its value cannot be sent`;
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

/** Those that a hook has changed. Reading all headers of an attempt takes a while, so it is done for these alone. */
const changed = /* @__PURE__ */ new WeakSet<Headers>();

function makeClass(): new (init: Readonly<Record<string, string>>) => Headers {
  class HookHeaders extends Headers {
    override set(name: string, value: string): void {
      check(name, value);
      changed.add(this);
      super.set(name, value);
    }

    override append(name: string, value: string): void {
      check(name, value);
      changed.add(this);
      super.append(name, value);
    }

    override delete(name: string): void {
      changed.add(this);
      super.delete(name);
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

/** All headers after a hook, by name; `given` itself if it did not change them. */
export function headersAfter(
  hooked: Headers,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return changed.has(hooked) ? Object.fromEntries(hooked) : given;
}
