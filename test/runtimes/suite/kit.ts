/** What every test works with. */
import type { OctaClient, OctaClientOptions } from '@octaspace/sdk';
import { until } from './expect.ts';
import type { ExceptionName, Modules, SceneReport, Step, Task } from './types.ts';

/** The key of every test; long enough to be looked for in any output. */
export const testKey = 'octa-test-key-0001';

/** What a machine is rented with. */
export const order = { node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' } as const;

/** An answer that every start is content with. */
export const started = { body: '[{"uuid":"u-1"}]' } as const;

/** A part of the server that does one step for each request; the last one stays. */
export interface Scene {
  readonly url: string;
  report(): Promise<SceneReport>;
  /** Method and path of what arrived so far, in order. */
  lines(): Promise<string[]>;
  /** Waits until so many requests have arrived. */
  arrived(count: number): Promise<void>;
}

/** One test; its title says how the SDK behaves. */
export type Test = readonly [title: string, run: (kit: Kit) => Promise<void>];

/** The package, the server, and what is special about this runtime. */
export class Kit {
  readonly modules: Modules;
  readonly task: Task;

  constructor(modules: Modules, task: Task) {
    this.modules = modules;
    this.task = task;
  }

  get sdk(): Modules['sdk'] {
    return this.modules.sdk;
  }

  isExcepted(name: ExceptionName): boolean {
    return this.task.exceptions.includes(name);
  }

  /** What a start needs here besides. */
  get billable(): OctaClientOptions {
    return this.isExcepted('sends-twice') ? { allowBillableInBrowser: true } : {};
  }

  async scene(...steps: readonly Step[]): Promise<Scene> {
    const { apiUrl, controlUrl } = this.task;
    const made = await fetch(`${controlUrl}/scenes`, { method: 'POST', body: JSON.stringify(steps) });
    const name = await made.text();
    const report = async (): Promise<SceneReport> => (await fetch(`${controlUrl}/scenes/${name}`)).json();
    return {
      url: `${apiUrl}/scenes/${name}`,
      report,
      lines: async () => (await report()).received.map(({ method, path }) => `${method} ${path}`),
      arrived: (count) => until(async () => (await report()).received.length >= count),
    };
  }

  /** A client of a scene, which hardly waits between attempts. */
  client({ url }: Pick<Scene, 'url'>, options: OctaClientOptions = {}): OctaClient {
    const { OctaClient } = this.sdk;
    const basics = { apiKey: testKey, retryDelayMs: 1, logLevel: 'silent' } as const;
    return new OctaClient({ ...basics, ...(options.baseUrls ? {} : { baseUrl: url }), ...options });
  }
}
