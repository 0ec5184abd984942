/** Why no machine suits a job: which of its criteria are to blame, and what there is instead. */
import type { MrMachine, OctaClient } from '../index.ts';
import { Failure } from './arguments.ts';
import { costsAtMost, modelsOf, type Offer, offersOf, type Terms, usdText } from './job-offers.ts';
import type { JobRequest } from './job-request.ts';
import { freeDiskGb, hasDisk } from './machine-price.ts';
import { choicesIn } from './market-choices.ts';

/** What machines have instead of a criterion, such as "available countries: Germany"; undefined if they do not say. */
type Instead = (offers: readonly Offer[], which: string) => string | undefined;

/** One criterion of a job. */
interface Criterion {
  /** In words, such as "country DE". */
  readonly wanted: string;
  readonly meets: (offer: Offer) => boolean;
  readonly instead: Instead;
}

type Criteria = JobRequest['criteria'];

function listed(what: string, texts: readonly string[]): string | undefined {
  const all = choicesIn(texts);
  return all.length === 0 ? undefined : `${what}: ${all.join(', ')}`;
}

function largest(what: string, gb: readonly number[]): string | undefined {
  return gb.length === 0 ? undefined : `${what}: ${Math.max(...gb)} GB`;
}

function vramGbOf({ gpus }: MrMachine): number[] {
  return gpus.flatMap(({ mem_total_mb: mb }) => (typeof mb === 'number' ? mb / 1_000 : []));
}

/** The criteria of `find`: in words, and what there is instead. */
const words: Readonly<Record<keyof Criteria, readonly [wanted: (criteria: Criteria) => string, instead: Instead]>> = {
  gpu: [
    ({ gpu }) => `GPU ${gpu}`,
    (offers, which) =>
      listed(
        `available GPUs${which}`,
        offers.flatMap(({ machine }) => modelsOf(machine)),
      ),
  ],
  minVramMb: [
    ({ minVramMb = 0 }) => `${minVramMb / 1_000} GB of video memory`,
    (offers, which) =>
      largest(
        `most video memory of one GPU${which}`,
        offers.flatMap(({ machine }) => vramGbOf(machine)),
      ),
  ],
  country: [
    ({ country }) => `country ${country}`,
    (offers, which) =>
      listed(
        `available countries${which}`,
        offers.map(({ machine }) => machine.country || (machine.country_iso ?? '')),
      ),
  ],
};

/** The criteria of `find` that the job has. The client says which machines meet each of them. */
async function criteriaOfFind(client: OctaClient, criteria: Criteria, signal: AbortSignal): Promise<Criterion[]> {
  const names = (Object.keys(words) as (keyof Criteria)[]).filter((name) => criteria[name] !== undefined);
  return Promise.all(
    names.map(async (name) => {
      const [wanted, instead] = words[name];
      const found = await client.services.mr.find({ [name]: criteria[name], signal });
      const ids = new Set(found.map(({ node_id }) => node_id));
      return { wanted: wanted(criteria), instead, meets: ({ machine }) => ids.has(machine.node_id) };
    }),
  );
}

/** The criteria of the disk and the price. */
function otherCriteria({ order, maxUsdPerHour }: JobRequest): Criterion[] {
  const disk: Criterion = {
    wanted: `${order.disk_size} GB of disk`,
    meets: ({ machine }) => hasDisk(machine, order.disk_size),
    instead: (offers, which) =>
      largest(
        `largest free disk${which}`,
        offers.flatMap(({ machine }) => freeDiskGb(machine) ?? []),
      ),
  };
  if (maxUsdPerHour === undefined) return [disk];
  const price: Criterion = {
    wanted: `at most ${maxUsdPerHour} USD per hour`,
    meets: (offer) => costsAtMost(offer, maxUsdPerHour),
    instead: (offers, which) =>
      `lowest price${which}: ${usdText(Math.min(...offers.map(({ usdPerHour }) => usdPerHour)))} per hour`,
  };
  return [disk, price];
}

/** What there is instead: for each criterion that no machine meets, else for each that only the machines that meet the others do not. */
function hintsFor(criteria: readonly Criterion[], offers: readonly Offer[]): string[] {
  const alone = criteria.filter(({ meets }) => !offers.some(meets));
  if (alone.length > 0) return alone.flatMap(({ instead }) => instead(offers, '') ?? []);
  return criteria.flatMap((each) => {
    const others = criteria.filter((other) => other !== each);
    const left = offers.filter((offer) => others.every(({ meets }) => meets(offer)));
    return left.length === 0 ? [] : (each.instead(left, ' with the other criteria') ?? []);
  });
}

/** The error for a job that no machine suits. */
export async function noMachine(
  client: OctaClient,
  request: JobRequest,
  { signal, ...terms }: Terms & { readonly signal: AbortSignal },
): Promise<Failure> {
  const machines = await client.services.mr.available({ signal });
  const offers = machines.flatMap((machine) => offersOf(machine, terms));
  if (offers.length === 0) {
    return new Failure(machines.length === 0 ? 'no machine is available now' : 'no machine has a readable price');
  }
  const criteria = [...(await criteriaOfFind(client, request.criteria, signal)), ...otherCriteria(request)];
  const wanted = criteria.map((each) => each.wanted).join(', ');
  const hints = hintsFor(criteria, offers).map((hint) => `; ${hint}`);
  return new Failure(`no machine with a readable price meets the criteria (${wanted})${hints.join('')}`);
}
