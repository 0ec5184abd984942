/** Finds machines for a job, the cheapest first, and the most that the job can cost on any of them. */
import { formatOcta, type OctaClient, weiToUsd } from '../index.ts';
import { counted } from './account.ts';
import { Failure } from './arguments.ts';
import { type CommandIo, tell, writeJson } from './io.ts';
import { noMachine } from './job-criteria.ts';
import { costsAtMost, hardwareOf, type Offer, offersOf, usdText } from './job-offers.ts';
import type { JobLimits, JobRequest } from './job-request.ts';
import { costFor, divideUp, hasDisk } from './machine-price.ts';

/** Maximum number of machines that a job tries. */
const mostCandidates = 5;
/** Time for the stop, during which the session still costs money. Unit: ms. */
const stopWithinMs = 60_000;
const msPerHour = 3_600_000;
/** Calculated amounts are rounded up to four decimals. Unit: Wei. */
const leastAmount = 100_000_000_000_000n;

/** The quote that the user sees. Its maximum is the limit of the job. */
export interface Quote {
  /** The cheapest first. */
  readonly offers: readonly [Offer, ...Offer[]];
  /** The most that the job can cost, on any of the machines. Unit: Wei. */
  readonly atMost: bigint;
  /** Unit: USD. */
  readonly atMostUsd: number;
}

/** The most that a job can cost on the most expensive machine, and so on any. */
function mostOn(mostExpensive: Offer, { maxSpend, maxDurationMs }: JobLimits): bigint {
  if (maxDurationMs === undefined) return maxSpend ?? 0n;
  const byTime = divideUp(costFor(mostExpensive.weiPerHour, maxDurationMs + stopWithinMs), leastAmount) * leastAmount;
  if (maxSpend !== undefined && maxSpend < byTime) return maxSpend;
  return byTime > 0n ? byTime : leastAmount;
}

/** Finds machines for a job, and the most that it can cost. Throws Failure if there is no machine. */
export async function quoteFor(client: OctaClient, request: JobRequest, signal: AbortSignal): Promise<Quote> {
  const { criteria, limits, order, maxUsdPerHour } = request;
  const [machines, network] = await Promise.all([
    client.services.mr.find({ ...criteria, signal }),
    client.network.get({ signal }),
  ]);
  const { market_price: marketPrice } = network;
  if (!(marketPrice > 0))
    throw new Failure(`the API returned ${marketPrice} USD as the price of 1 OCTA, so prices cannot be calculated`);
  const terms = { marketPrice, diskGb: order.disk_size };
  const offers = machines
    .filter((machine) => hasDisk(machine, order.disk_size))
    .flatMap((machine) => offersOf(machine, terms))
    .filter((offer) => costsAtMost(offer, maxUsdPerHour))
    .sort((one, other) => (one.weiPerHour === other.weiPerHour ? 0 : one.weiPerHour < other.weiPerHour ? -1 : 1))
    .slice(0, mostCandidates);
  const [first, ...others] = offers;
  if (first === undefined) throw await noMachine(client, request, { ...terms, signal });
  const atMost = mostOn(others.at(-1) ?? first, limits);
  return { offers: [first, ...others], atMost, atMostUsd: weiToUsd(atMost, marketPrice) };
}

function lasting(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 120) return counted(seconds, 'second');
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? counted(minutes, 'minute') : counted(Math.floor(minutes / 60), 'hour');
}

/** Shows a quote: in a few lines, or with `--json` as an object. */
export function showQuote({ offers, atMost, atMostUsd }: Quote, request: JobRequest, io: CommandIo): void {
  const [first, ...others] = offers;
  const { machine, weiPerHour, usdPerHour } = first;
  const { node_id: nodeId, country } = machine;
  const { maxDurationMs } = request.limits;
  if (io.json) {
    const figures = { usdPerHour, weiPerHour: String(weiPerHour), atMostWei: String(atMost), atMostUsd };
    const candidates = offers.map((offer) => offer.machine.node_id);
    writeJson(io.stdout, { event: 'quote', nodeId, machine: hardwareOf(machine), country, candidates, ...figures });
    return;
  }
  const price = `${usdText(usdPerHour)} (${formatOcta(weiPerHour, 4)} OCTA) per hour`;
  tell(io, `node ${nodeId}: ${hardwareOf(machine)}, ${country}; ${price}, with ${request.order.disk_size} GB of disk`);
  const last = others.at(-1);
  if (last !== undefined) {
    tell(io, `if it refuses: ${counted(others.length, 'other machine')}, up to ${usdText(last.usdPerHour)} per hour`);
  }
  const longestMs = Math.min(
    maxDurationMs ?? Number.POSITIVE_INFINITY,
    weiPerHour === 0n ? Number.POSITIVE_INFINITY : Number((atMost * BigInt(msPerHour)) / weiPerHour),
  );
  const time = Number.isFinite(longestMs) ? `, for ${lasting(longestMs)} at most` : '';
  tell(io, `the job costs at most ${formatOcta(atMost)} OCTA (${usdText(atMostUsd)})${time}`);
}
