import type { MrMachine, StartResult } from '../../../generated/models.ts';
import { listMrMachines, startMr } from '../../../generated/operations.ts';
import { requestOptionsOf } from '../../core/checks.ts';
import type { RequestOptions } from '../../core/option-types.ts';
import type { OctaPromise } from '../../core/promise.ts';
import { OctaConfigurationError, type ProvisionRejection } from '../../errors/errors.ts';
import { outcomesOf } from './batch.ts';
import { checkMachineCriteria, type FindMachinesOptions, findMachines } from './find.ts';
import { type NodeChoice, splitNodes } from './nodes.ts';
import type { LeaseOptions } from './rent.ts';
import { ServiceResource, withDefaults } from './service.ts';
import type { SessionResource } from './session.ts';
import { redacted } from './start.ts';
import { type StartAppOptions, type StartImageOptions, type StartMrOptions, withApp } from './template.ts';

/** What to rent, on which node or nodes, and what to run on it. */
export type RentMrOptions = (Omit<StartImageOptions, 'node_id'> | Omit<StartAppOptions, 'node_id'>) & NodeChoice;

/** What became of one item of `startMany`. */
export type StartManyResult =
  | { readonly status: 'started'; readonly session: SessionResource }
  | { readonly status: 'rejected'; readonly rejection: ProvisionRejection }
  /** The answer says nothing about this item: it may have been started. Look among the active sessions. */
  | { readonly status: 'unknown' };

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
   * Machines that can be rented now and meet the criteria, the cheapest first.
   *
   * @throws OctaConfigurationError for criteria that are not any.
   * @example
   * const [cheapest] = await client.services.mr.find({ gpu: '4090', maxUsdPerHour: 0.5 });
   */
  find(criteria: FindMachinesOptions = {}): OctaPromise<MrMachine[]> {
    const check = () => checkMachineCriteria(criteria);
    const options = requestOptionsOf(criteria);
    return this.callFor(listMrMachines, { options, check }, (machines) => findMachines(machines, criteria));
  }

  /**
   * Rents a machine and starts a container, or an app, on it. Sent once: whatever happens, it is not repeated, so nothing is
   * paid for twice. When the error's `outcome` is `unknown`, look among the active sessions before starting again; `rent` does
   * that by itself.
   *
   * @throws OctaProvisionRejectedError when the API refuses, also when it does so within HTTP 200.
   * @example
   * const session = await client.services.mr.start({ node_id: 9010, disk_size: 50, image: 'ubuntu:24.04', ports: [22] });
   * console.log(session.uuid);
   */
  start(start: StartMrOptions, options?: RequestOptions): OctaPromise<SessionResource> {
    const body = () => [itemOf(start, 0)];
    return this.begin(startMr, start ?? {}, { body, options });
  }

  /**
   * Rents several machines in one request, sent once. Gives for each item, in order, its session or why it was refused.
   *
   * @throws OctaConfigurationError when there is no item.
   * @example
   * for (const result of await client.services.mr.startMany(items)) {
   *   if (result.status === 'started') console.log(result.session.uuid);
   * }
   */
  startMany(starts: readonly StartMrOptions[], options?: RequestOptions): OctaPromise<StartManyResult[]> {
    const body = () => {
      if (Array.isArray(starts) && starts.length > 0) return starts.map(itemOf);
      throw new OctaConfigurationError({ message: 'startMany needs a list of at least one item' });
    };
    const nodes = Array.isArray(starts) ? starts.map((start) => start?.node_id) : [];
    const onEnd = this.underWay(startMr, nodes);
    return this.callFor(startMr, { body, options, onEnd }, (answer, { reply }) => {
      const results: readonly StartResult[] = [answer].flat();
      return outcomesOf(results, starts.length).map((outcome): StartManyResult => {
        if (outcome === undefined) return { status: 'unknown' };
        if ('uuid' in outcome) return { status: 'started', session: this.sessionOf(startMr, outcome.uuid, options) };
        return { status: 'rejected', rejection: redacted(outcome.rejection, reply) };
      });
    });
  }

  /**
   * Rents a machine that can be used: starts on the first node that does not refuse, waits until the session is ready, and stops
   * it when that fails. When the answer to a start is lost, the session that it began is looked for among the active ones, and
   * taken; if none appears, the error of the start is thrown with `outcome: 'unknown'`, and no other node is tried. Whatever else
   * is thrown, nothing is left running; if that could not be made sure of, `running` of the error names the session. An abort
   * stops what was started before it is heard; a start under way gets 30 s to answer.
   *
   * @throws OctaProvisionRejectedError when every node refuses; `rejections` has each reason.
   * @throws OctaSessionError when the session ended or was not ready in time, or could not be stopped.
   * @example
   * await using session = await client.services.mr.rent({ candidates: machines, app }, { maxSpend: parseOcta('5') });
   * // It is stopped at the end of the scope.
   */
  async rent(order: RentMrOptions, lease?: LeaseOptions): Promise<SessionResource> {
    const [nodes, rest] = splitNodes(order);
    // Taking the node out of a union and putting it back in makes the same union.
    const on = (node: number) => ({ ...rest, node_id: node }) as StartMrOptions;
    // The variables of an app are sent like the caller's own, so a session has to show both.
    const { envs } = withApp(on(0));
    const body = (node: number) => [itemOf(on(node), 0)];
    return this.rentBy(startMr, { nodes, kind: undefined, envs: Object(envs), body }, lease);
  }
}
