import type { App } from '../../generated/models.ts';
import { listApps } from '../../generated/operations.ts';
import { makeStrict } from '../core/arguments.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { OctaPromise } from '../core/promise.ts';
import { OctaConfigurationError, OctaNotFoundError } from '../errors/errors.ts';
import { Resource } from './resource.ts';

/** Templates of applications that can be started on a rented machine. */
export class AppsResource extends Resource {
  /** All apps. Works without a key; with one, it may show private apps too. */
  list(options?: RequestOptions): OctaPromise<App[]> {
    return this.call(listApps, { options });
  }

  /**
   * One app, looked up in the list, because the API has no endpoint for it.
   *
   * @throws OctaNotFoundError when no app has this uuid.
   */
  get(uuid: string, options?: RequestOptions): OctaPromise<App> {
    const check = () => {
      if (typeof uuid !== 'string' || uuid === '')
        throw new OctaConfigurationError({ message: 'the uuid of an app is needed, as text' });
    };
    return this.callFor(listApps, { options, check }, (apps, { reply }) => {
      const app = apps.find((each) => each.uuid === uuid);
      if (app !== undefined) return app;
      const message = `listApps: none of the ${apps.length} apps has the uuid ${JSON.stringify(uuid)}`;
      const request = { operation: 'listApps', method: 'GET', url: reply.url };
      throw new OctaNotFoundError({ message, status: 404, outcome: 'rejected', request });
    });
  }
}

makeStrict(AppsResource.prototype, 'apps');
