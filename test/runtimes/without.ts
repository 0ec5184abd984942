/** Takes away what older runtimes do not have, before the SDK is loaded: `AbortSignal.any` and its like. */

/** A well-known symbol cannot be deleted, so Symbol itself is replaced by one that lacks it. */
function replaceSymbol(missing: string): void {
  const original = Symbol;
  const substitute = (description?: string) => original(description);
  const own = new Set(['length', 'name', missing]);
  const members = Object.entries(Object.getOwnPropertyDescriptors(original)).filter(([member]) => !own.has(member));
  Object.defineProperties(substitute, Object.fromEntries(members));
  Reflect.set(globalThis, 'Symbol', substitute);
}

/** What has to go, such as `Symbol.asyncDispose`. */
const what = process.env.OCTA_TEST_WITHOUT ?? '';
const [holder, member = ''] = what.split('.');
if (holder === 'Symbol') replaceSymbol(member);
else if (holder === 'AbortSignal') Reflect.deleteProperty(AbortSignal, member);
else throw new Error(`OCTA_TEST_WITHOUT is ${what}`);

export {};
