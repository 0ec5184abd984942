/** The symbols of scopes that end what they hold, also where the runtime does not have them yet. */

declare global {
  // TypeScript's own libraries have them from 5.2 on, and only if asked; without them, nobody else could read our types.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
    readonly dispose: unique symbol;
  }
}

/** Ends an `await using` scope. What compilers make for older runtimes looks for this one. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
/** Ends a `using` scope. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
