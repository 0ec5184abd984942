/** Hints for searches that find nothing: which criterion is to blame, and what the market has. */
import type { MrMachine, RenderMachine, RequestOptions, VpnNode } from '../../index.ts';
import { countriesOf, gpuModelsOf } from '../market-choices.ts';
import type { Zod } from './sdk.ts';
import { known, nameText } from './values.ts';

/** Maximum number of names in a hint. */
const mostNames = 60;

/** Criteria whose values are names, which can be misspelt. */
interface NamedCriteria {
  readonly gpu?: string | undefined;
  readonly country?: string | undefined;
}

/** One kind of node that can be rented. */
interface Market {
  available(options: RequestOptions): PromiseLike<readonly (MrMachine | RenderMachine | VpnNode)[]>;
  find(criteria: NamedCriteria & RequestOptions): PromiseLike<readonly unknown[]>;
}

/** Fields of a result that found nothing. */
export function hintSchema(z: Zod) {
  return {
    hint: z.string().optional().describe('If nothing was found: why, and what to do.'),
    available_gpus: z.array(z.string()).optional().describe('If no machine has the GPU: the GPUs that there are.'),
    available_countries: z.array(z.string()).optional().describe('If none is in the country: the countries there are.'),
  };
}

/** Fields of a hint whose text the API wrote. */
export const untrustedInHint = ['available_gpus', 'available_countries'];

function shown(names: readonly string[]): string[] {
  return names.slice(0, mostNames).map((name) => nameText(name));
}

/** Says why a search for nodes found nothing. `what` is the kind of node, such as "relay". */
export async function hintFor(
  what: string,
  { gpu, country }: NamedCriteria,
  { market, signal }: { readonly market: Market; readonly signal: AbortSignal },
) {
  const nodes = await market.available({ signal });
  if (nodes.length === 0) return { hint: `no ${what} can be rented now; try again later` };
  const isMissing = async (criteria: NamedCriteria) => (await market.find({ ...criteria, signal })).length === 0;
  const noGpu = gpu !== undefined && (await isMissing({ gpu }));
  const noCountry = country !== undefined && (await isMissing({ country }));
  const machines = nodes.filter((node) => 'gpus' in node);
  const reasons = [
    noGpu ? `no ${what} has the GPU ${JSON.stringify(nameText(gpu))}; see available_gpus` : [],
    noCountry ? `no ${what} is in the country ${JSON.stringify(nameText(country))}; see available_countries` : [],
  ].flat();
  const hint = reasons.length > 0 ? reasons.join('. ') : `no ${what} meets all criteria together; relax some of them`;
  return known({
    hint,
    available_gpus: noGpu ? shown(gpuModelsOf(machines)) : undefined,
    available_countries: noCountry ? shown(countriesOf(nodes)) : undefined,
  });
}
