/** Rejects arguments that a method does not read, such as options in the wrong place: ignoring them would hide the mistake. */
import { OctaConfigurationError } from '../errors/errors.ts';
import { OctaPromise } from './promise.ts';

/** The error for more than `most` arguments, else undefined. Undefined arguments count as omitted. */
function excess(name: string, given: readonly unknown[], most: number): OctaConfigurationError | undefined {
  if (given.slice(most).every((value) => value === undefined)) return undefined;
  const taken = `${most} argument${most === 1 ? '' : 's'}`;
  const message = `${name} takes ${taken}, but got ${given.length}; ${adviceFor(name, given, most)}`;
  return new OctaConfigurationError({ message });
}

function adviceFor(name: string, given: readonly unknown[], most: number): string {
  const [item, index, items] = given;
  // `map` and `forEach` pass these arguments to a method that is used directly as their callback.
  if (typeof index === 'number' && Array.isArray(items) && items[index] === item) return `pass (item) => ${name}(item)`;
  const merge = typeof given[most - 1] === 'object' ? `, or merge it into argument ${most}` : '';
  return `remove argument ${most + 1}${merge}`;
}

/** Throws OctaConfigurationError if there are more arguments than `most`. */
export function checkCount(name: string, given: readonly unknown[], most: number): void {
  const error = excess(name, given, most);
  if (error) throw error;
}

type Method = (...given: unknown[]) => unknown;

function strictMethod(name: string, method: Method, throws: boolean): Method {
  // `length` counts the parameters before the first one with a default value, so methods must not declare default values.
  const { length } = method;
  return function (this: unknown, ...given) {
    const error = excess(name, given, length);
    if (!error) return method.apply(this, given);
    const fail = () => {
      throw error;
    };
    return throws ? fail() : new OctaPromise({ send: fail, read: fail, result: fail });
  };
}

/**
 * Makes every method of a prototype or an object fail with OctaConfigurationError if it gets more arguments than it declares.
 * Methods reject, except for those in `throwing`, which return no promise.
 */
export function makeStrict<Holder extends object>(
  holder: Holder,
  place: string,
  throwing: readonly (keyof Holder)[] = [],
): Holder {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
    const method: unknown = descriptor.value;
    if (typeof method !== 'function' || name === 'constructor') continue;
    const value = strictMethod(`${place}.${name}`, method as Method, throwing.includes(name as keyof Holder));
    Object.defineProperties(value, { name: { value: name }, length: { value: method.length } });
    Object.defineProperty(holder, name, { ...descriptor, value });
  }
  return holder;
}
