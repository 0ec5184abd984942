/** What the market offers, for a hint if nothing meets the criteria. */
import type { MrMachine, RenderMachine } from '../index.ts';

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => name !== '').sort();
}

/** The GPU models of machines. */
export function gpuModelsOf(machines: readonly (MrMachine | RenderMachine)[]): string[] {
  return sorted(machines.flatMap(({ gpus }) => gpus.map(({ model }) => model)));
}

/** The countries of nodes. */
export function countriesOf(nodes: readonly { readonly country: string }[]): string[] {
  return sorted(nodes.map(({ country }) => country));
}
