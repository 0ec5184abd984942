import type { App } from '../../generated/models.ts';
import { listApps } from '../../generated/operations.ts';
import { makeStrict } from '../core/arguments.ts';
import type { RequestOptions } from '../core/option-types.ts';
import type { OctaPromise } from '../core/promise.ts';
import { OctaConfigurationError, OctaNotFoundError } from '../errors/errors.ts';
import { Resource } from './resource.ts';

/** Templates of applications that can be started on a rented machine. */
export class AppsResource extends Resource {
  /** All apps. Works without an API key; with a key, the list may include private apps. */
  list(options?: RequestOptions): OctaPromise<App[]> {
    return this.call(listApps, { options });
  }

  /**
   * One app by its UUID. Requests the whole list, because the API has no endpoint for a single app.
   *
   * @throws OctaNotFoundError if no app has this UUID.
   */
  get(uuid: string, options?: RequestOptions): OctaPromise<App> {
    const check = () => {
      if (typeof uuid !== 'string' || uuid === '')
        throw new OctaConfigurationError({ message: 'the UUID of an app must be a non-empty string' });
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
