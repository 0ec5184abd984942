import type { MrMachine } from '../../../generated/models.ts';
import { listMrMachines, startMr } from '../../../generated/operations.ts';
import { makeStrict } from '../../core/arguments.ts';
import { checkAll } from '../../core/checks.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { OctaConfigurationError, type ProvisionRejection } from '../../errors/errors.ts';
import { JobLog } from '../../jobs/job-log.ts';
import { checkJobOptions, type JobOptions } from '../../jobs/job-options.ts';
import { startCommand, wrap } from '../../jobs/wrapper.ts';
import type { LeaseOptions } from '../../leases/lease-options.ts';
import { checkOrder } from '../../leases/rent.ts';
import type { RentManyOptions } from '../../leases/rent-many.ts';
import { outcomesOf, redacted, resultsIn } from '../../leases/start-answer.ts';
import { searchItems } from '../../leases/starting.ts';
import { checkMachineCriteria, findMachines } from './find.ts';
import type { FindMachinesOptions } from './find-options.ts';
import { MrJob } from './job.ts';
import { splitNodes } from './nodes.ts';
import { type RentedOrder, ServiceResource, withDefaults } from './service.ts';
import { SessionResource } from './session.ts';
import {
  jobChecks,
  mergedEnvs,
  type RentMrOptions,
  type RunMrOptions,
  type StartMrOptions,
  withApp,
} from './template.ts';

/** The result of `start`, as other versions of `@octaspace/sdk` name it. New code should use {@link SessionResource}. */
export type StartMrResult = SessionResource;

/** The outcome of one item of `startMany`. */
export type StartManyResult =
  | { readonly status: 'started'; readonly session: SessionResource }
  | { readonly status: 'rejected'; readonly rejection: ProvisionRejection }
  /** The outcome is unknown: no session with this mark was found within 15 s. It may appear later; see `onLateSession`. */
  | { readonly status: 'unknown'; readonly leaseId: string };

const defaults = { app: '', envs: {}, ports: [], http_ports: [], start_command: '', entrypoint: '' };

/** One item of a batch. */
function itemOf(start: StartMrOptions, id: number): Record<string, unknown> {
  return withDefaults(withApp(start), { id, ...defaults });
}

/** Machine rental: GPU and CPU machines that run a container. */
export class MrResource extends ServiceResource {
  /** Machines that can be rented now. */
  available(options?: RequestOptions): OctaPromise<MrMachine[]> {
    return this.call(listMrMachines, { options });
  }

  /**
   * Machines that can be rented now and meet the criteria, by default the cheapest first.
   *
   * @throws OctaConfigurationError if a criterion is unknown or wrong.
   * @throws OctaResponseError if no entry of the catalogue has the field that a criterion needs.
   * @example
   * const [cheapest] = await client.services.mr.find({ gpu: '4090', maxUsdPerHour: 0.5 });
   */
  find(criteria?: FindMachinesOptions): OctaPromise<MrMachine[]> {
    return this.findIn(listMrMachines, criteria, { check: checkMachineCriteria, find: findMachines });
  }

  /**
   * Rents a machine and starts a container, or an app, on it. Retried only if it was provably never sent, so you never pay
   * twice. If `outcome` of the error is `unknown`, check the active sessions before you start again; `rent` does that for you.
   *
   * @throws OctaProvisionRejectedError if the API refuses, even with HTTP status 200.
   * @example
   * const session = await client.services.mr.start({ node_id: 9010, disk_size: 50, image: 'ubuntu:24.04', ports: [22] });
   * console.log(session.uuid);
   */
  start(start: StartMrOptions, options?: RequestOptions): OctaPromise<SessionResource> {
    const body = () => [itemOf(start, 0)];
    return this.begin(startMr, { node_id: start?.node_id }, { body, options });
  }

  /**
   * Rents several machines in one request, as `start` does. Returns the session or the refusal of each item, in order. If
   * the response does not mention an item, the client searches for its session by its mark for up to 15 s.
   *
   * @throws OctaConfigurationError if there is no item.
   * @example
   * for (const result of await client.services.mr.startMany(items)) {
   *   if (result.status === 'started') console.log(result.session.uuid);
   * }
   */
  startMany(starts: readonly StartMrOptions[], options?: RequestOptions): OctaPromise<StartManyResult[]> {
    const body = () => {
      if (Array.isArray(starts) && starts.length > 0) return starts.map(itemOf);
      throw new OctaConfigurationError({ message: 'the items of startMany must be a non-empty array' });
    };
    const items: readonly StartMrOptions[] = Array.isArray(starts) ? starts : [];
    const attempts = items.map((start) => this.attempt(startMr, { node_id: start?.node_id }, options));
    const others: string[] = [];
    const rescue = () => searchItems(this.context, attempts, options?.signal);
    const given = this.startArguments(attempts, { body, options, rescue, others });
    return this.callFor(startMr, given, async (answer, { reply }): Promise<StartManyResult[]> => {
      await searchItems(this.context, attempts, options?.signal);
      const { items: outcomes } = outcomesOf(resultsIn(answer), attempts.length);
      const held = new Set(attempts.map(({ lease }) => lease?.key));
      const results = attempts.map(({ id: leaseId, lease, state }, index): StartManyResult => {
        const outcome = outcomes[index];
        if (lease !== undefined) return { status: 'started', session: new SessionResource(this.core, lease) };
        const rejected = state === 'refused' && outcome !== undefined && 'rejection' in outcome;
        if (rejected) return { status: 'rejected', rejection: redacted(outcome.rejection, reply) };
        return { status: 'unknown', leaseId };
      });
      // Return a session that belongs to no item, too: it costs money.
      const facts = { service: 'mr', headers: options?.headers, startedAt: this.caller.time.now() } as const;
      const left = others.map((uuid) => this.context.leaseOf(uuid, facts)).filter(({ key }) => !held.has(key));
      for (const lease of left) {
        if (this.context.held.has(lease.key)) continue;
        this.context.take(lease);
        const attempt = attempts.find((each) => each.lease === undefined) ?? attempts[0];
        if (attempt !== undefined) this.context.totalSpend?.began(attempt, lease);
      }
      return [
        ...results,
        ...left.map((lease) => ({ status: 'started', session: new SessionResource(this.core, lease) }) as const),
      ];
    });
  }

  /**
   * Rents a machine: starts on the first candidate that does not refuse, waits until the session can be used, and stops it if that
   * fails. If the response to a start is lost, it finds the session by its mark. If the session does not appear, it throws the error of
   * the start with `outcome: 'unknown'`, and does not try another node. After any other error, the only sessions that may still run are
   * those in `running` of the error. An abort stops the session and then rejects; a start in progress gets 30 s to respond.
   *
   * @throws OctaProvisionRejectedError if every node refuses; `rejections` has each reason.
   * @throws OctaSessionError if the session ends first, is not ready in time, or cannot be stopped.
   * @example
   * await using session = await client.services.mr.rent({ candidates: machines, app }, { maxSpend: parseOcta('5') });
   * // It is stopped at the end of the scope.
   */
  async rent(order: RentMrOptions, lease?: LeaseOptions): Promise<SessionResource> {
    return this.rentBy(startMr, orderOf(order), lease);
  }

  /**
   * Rents several machines at once, each as `rent` does: all of them, or none. If one order fails, it stops the others. With `atLeast`,
   * it stops them only if fewer than that can succeed, so it may return fewer sessions than orders.
   *
   * @throws OctaSessionError if too few orders succeed (`reason: 'incomplete'`); `cause` is the first failure.
   * @example
   * const [one, two] = await client.services.mr.rentMany([order, order], { maxDurationMs: 3_600_000 });
   */
  async rentMany(orders: readonly RentMrOptions[], lease?: RentManyOptions): Promise<SessionResource[]> {
    return this.rentManyBy(startMr, orders.map(orderOf), lease);
  }

  /**
   * Runs a command on a machine, and stops the session when the command has ended: rents the machine as `rent` does, runs the command in
   * its container, and follows the log. The job begins at once. If the command fails, `result` still resolves, with its exit code.
   *
   * The container needs the programs `sh` and `base64`. The command must not run longer than the limits allow; at a limit, the session is
   * stopped.
   *
   * @throws OctaConfigurationError if the order, the command or an option is wrong, before anything is sent.
   * @example
   * const order = { candidates: machines, image: 'python:3.13', disk_size: 10 };
   * const job = client.services.mr.run({ ...order, command: 'python train.py', files: { 'train.py': source } }, { maxSpend });
   * for await (const { text } of job) console.log(text);
   * const { exitCode, charge } = await job.result;
   */
  run(job: RunMrOptions, options: JobOptions): MrJob {
    checkJobOptions(options);
    checkAll({ ...job, command: job?.command ?? null }, jobChecks, 'fields of run');
    const { command, files, results: paths, ...rest } = job;
    const results = [...new Set(paths)];
    const mark = `::octa-job ${this.context.newId()}`;
    const envs = mergedEnvs(rest.envs, wrap({ command, files, results }, mark));
    const order = this.orderBy(startMr, orderOf({ ...rest, start_command: startCommand, envs } as RentMrOptions));
    checkOrder(this.context, order);
    return new MrJob(this.core, order, { log: new JobLog(mark, results), options });
  }
}

makeStrict(MrResource.prototype, 'services.mr', ['run']);

function orderOf(order: RentMrOptions): RentedOrder {
  const [nodes, rest] = splitNodes(order);
  // TypeScript cannot see that removing and adding node_id gives the same union.
  const body = (node: number) => [itemOf({ ...rest, node_id: node } as StartMrOptions, 0)];
  return { nodes, kind: undefined, body };
}
