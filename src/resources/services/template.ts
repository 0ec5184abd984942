/** Applies the settings of an app to a start, because the API does not apply them. */
import type { App } from '../../../generated/models.ts';
import { aPlainObject, type Check, type Problem } from '../../core/checks.ts';
import { OctaConfigurationError } from '../../errors/errors.ts';
import { commandChecks } from '../../jobs/job-options.ts';
import type { JobCommand } from '../../jobs/wrapper.ts';
import type { NodeChoice, StartNode } from './nodes.ts';

/** Settings of a container besides its image. */
export interface ContainerOptions {
  /** Environment variables by name; text only. They are added to those of the app and replace equal names. Default: none. */
  readonly envs?: Readonly<Record<string, string>> | undefined;
  /** TCP and UDP ports to open. Unit: port numbers. Default: those of the app, or none. */
  readonly ports?: readonly number[] | undefined;
  /** HTTP ports to open; each gets an entry in `urls` of the session's info. Unit: port numbers. Default: those of the app, or none. */
  readonly http_ports?: readonly number[] | undefined;
  /** Command to run in the container. Default: that of the app, or none. */
  readonly start_command?: string | undefined;
  /** Entry point that replaces the image's own. Default: that of the image. */
  readonly entrypoint?: string | undefined;
  /** Id of the organisation that pays: an integer or a string; sources disagree. Default: none. */
  readonly organization_id?: unknown;
  /** Id of the project that the session is for: an integer or a string; sources disagree. Default: none. */
  readonly project_id?: unknown;
}

/** The image of a container, and its disk. */
export interface ImageAndDisk {
  /** Docker image to run, such as `ubuntu:24.04`. */
  readonly image: string;
  /** Disk space to rent, at least 1. Unit: GB. */
  readonly disk_size: number;
}

/** An app to run on a machine. It sets image, disk size, ports, variables and start command. */
export interface AppOptions extends ContainerOptions {
  /** The app, from `client.apps.list()` or `client.apps.get(uuid)`. */
  readonly app: App;
  /** To run an image other than that of the app, set `disk_size`, too. */
  readonly image?: undefined;
  /** Disk space to rent. Unit: GB. Default: the minimum of the app; required if the app has no minimum. */
  readonly disk_size?: number | undefined;
}

/** An app to run on a machine, with an image other than its own. */
export interface AppImageOptions extends ContainerOptions, ImageAndDisk {
  /** The app, whose settings apply to everything that you do not set; or the UUID of an app, which sets nothing. */
  readonly app: App | string;
}

/** An image to run on a machine. */
export interface ImageOptions extends ContainerOptions, ImageAndDisk {
  /** To use the settings of an app, pass the app. */
  readonly app?: undefined;
}

// The forms differ in properties that may be undefined, so that compilers and editors can tell which one is meant.
type Container = AppOptions | AppImageOptions | ImageOptions;

/** What to rent, and what to run on it. */
export type StartMrOptions = Container & StartNode;

/** What to rent, on which node or nodes, and what to run on it. */
export type RentMrOptions = Container & NodeChoice;

/** What to rent for a job, on which node or nodes, and what to run on it. */
export type RunMrOptions = (
  | Omit<AppOptions, 'start_command' | 'entrypoint'>
  | Omit<AppImageOptions, 'start_command' | 'entrypoint'>
  | Omit<ImageOptions, 'start_command' | 'entrypoint'>
) &
  NodeChoice &
  JobCommand;

type KeysOf<Form> = Form extends unknown ? keyof Form : never;

/** Accepts any value, because the order is checked separately. */
const known: Check = () => undefined;

/** A job stores its wrapper and its files in variables with this beginning, and removes them before the command runs. */
const ofJobs = /^OCTA_JOB/;

function envsOfJob(value: unknown): Problem | undefined {
  const name = Object.keys(Object(value)).find((each) => ofJobs.test(each));
  const why = 'but variables that begin with OCTA_JOB belong to the SDK; use another name';
  return name === undefined ? undefined : { message: `envs has ${name}, ${why}` };
}

/** Checks of the fields of `run`. */
export const jobChecks = {
  ...commandChecks,
  node_id: known,
  candidates: known,
  app: known,
  image: known,
  disk_size: known,
  envs: envsOfJob,
  ports: known,
  http_ports: known,
  organization_id: known,
  project_id: known,
} satisfies Record<KeysOf<RunMrOptions>, Check>;

/** The values that are not undefined. */
export function given(values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== undefined));
}

/**
 * Variables of several sources together; a later one replaces equal names of an earlier one. If a source is not a plain object, returns it
 * unchanged, so that the check of the request refuses it.
 */
export function mergedEnvs(...sources: readonly unknown[]): unknown {
  const wrong = sources.find((source) => aPlainObject(source ?? {}) !== undefined);
  return wrong === undefined ? Object.assign({}, ...sources.map((source) => given(Object(source)))) : wrong;
}

function diskFor({ name, extra }: App, disk: unknown): unknown {
  if (disk !== undefined) return disk;
  const least = extra?.min_disk_size;
  if (least !== undefined && least > 0) return Math.ceil(least);
  throw new OctaConfigurationError({
    message: `disk_size is required, because the app ${JSON.stringify(name)} does not state its minimum disk size`,
  });
}

/** The request fields of a start, with the settings of its app. Throws OctaConfigurationError if a disk size is missing. */
export function withApp(start: StartMrOptions): Record<string, unknown> {
  const own = given(start);
  const { app } = start ?? {};
  if (typeof app !== 'object' || app === null) return own;
  const { uuid, image, ports, http_ports, start_command, envs } = app;
  const template = given({ image, ports, http_ports, start_command });
  const disk_size = diskFor(app, start.disk_size);
  return { ...template, ...own, app: uuid, disk_size, envs: mergedEnvs(envs, start.envs) };
}
