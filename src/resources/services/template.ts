/** What an app says about how it is started; the API does not apply it by itself. */
import type { App, StartMrRequest } from '../../../generated/models.ts';
import { OctaConfigurationError } from '../../errors/errors.ts';

/** A machine to rent, and an image to run on it. */
export interface StartImageOptions extends Omit<StartMrRequest, 'id'> {}

/**
 * A machine to rent, and an app to run on it. The app gives image, disk size, ports, variables and start command; what is given
 * besides wins, and variables are added to those of the app.
 */
export interface StartAppOptions extends Partial<Omit<StartMrRequest, 'id' | 'app' | 'node_id'>> {
  /** Node to rent, from the catalogue. Unit: identifier. */
  readonly node_id: number;
  /** The app, from `client.apps.list()` or `client.apps.get(uuid)`. */
  readonly app: App;
  /** Disk space to rent. Unit: GB. Default: the least that the app needs; required when the app does not say. */
  readonly disk_size?: number;
}

/** What to rent, and what to run on it. */
export type StartMrOptions = StartImageOptions | StartAppOptions;

/** What is given, without what is undefined. */
export function given(values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== undefined));
}

function diskFor({ name, extra }: App, disk: unknown): unknown {
  if (disk !== undefined) return disk;
  const least = extra?.min_disk_size;
  if (least !== undefined && least > 0) return Math.ceil(least);
  throw new OctaConfigurationError({
    message: `disk_size is needed: the app ${JSON.stringify(name)} does not say how much it needs`,
  });
}

/** The request fields of a start, those of an app filled in. Throws OctaConfigurationError when a disk size is missing. */
export function withApp(start: StartMrOptions): Record<string, unknown> {
  const own = given(start);
  const { app } = start ?? {};
  if (typeof app !== 'object' || app === null) return own;
  const { uuid, image, ports, http_ports, start_command, envs } = app;
  const template = given({ image, ports, http_ports, start_command });
  const disk_size = diskFor(app, start.disk_size);
  return { ...template, ...own, app: uuid, disk_size, envs: { ...envs, ...given(start.envs ?? {}) } };
}
