/** What the market offers, for a hint if nothing meets the criteria. */
import type { MrMachine, RenderMachine } from '../index.ts';

/** Names for a list: each once, sorted, without empty ones. */
export function choicesIn(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => name !== '').sort();
}

/** The GPU models of machines. */
export function gpuModelsOf(machines: readonly (MrMachine | RenderMachine)[]): string[] {
  return choicesIn(machines.flatMap(({ gpus }) => gpus.map(({ model }) => model)));
}

/** The countries of nodes. */
export function countriesOf(nodes: readonly { readonly country: string }[]): string[] {
  return choicesIn(nodes.map(({ country }) => country));
}
