/** The symbols for `using` and `await using`, with fallbacks for runtimes that lack them. */

declare global {
  // TypeScript declares them since 5.2, and only in an optional library. Without this, our types would not compile elsewhere.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
    readonly dispose: unique symbol;
  }
}

/** Called at the end of an `await using` scope. Code compiled for older runtimes looks for this symbol. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
/** Called at the end of a `using` scope. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
