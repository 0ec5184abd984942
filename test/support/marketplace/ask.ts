/** Plain requests to a marketplace, without the SDK. */
import type { Marketplace } from './marketplace.ts';

/** A response; `drop` if the connection was closed without one. */
export interface Answered {
  readonly status: number | 'drop';
  readonly text: string;
  readonly headers: Headers;
}

/** Sends requests with an API key. */
export interface Ask {
  (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  /** The records of a list. */
  list(query?: '' | '?recent=true', headers?: Record<string, string>): Promise<Record<string, unknown>[]>;
  /** The response of `info`, and its status. */
  info(uuid: string): Promise<Record<string, unknown> & { readonly status: number | 'drop' }>;
  /** The lines of the container. */
  lines(uuid: string): Promise<string[]>;
  /** The status of a stop. */
  stop(uuid: string): Promise<number | 'drop'>;
}

export function askerOf({ url }: Pick<Marketplace, 'url'>): Ask {
  const ask = async (method: string, path: string, body?: unknown, headers = {}): Promise<Answered> => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      const response = await fetch(`${url}${path}`, { method, headers: { authorization: 'key', ...headers }, ...sent });
      return { status: response.status, text: await response.text(), headers: response.headers };
    } catch {
      return { status: 'drop', text: '', headers: new Headers() };
    }
  };
  return Object.assign(ask, {
    list: async (query = '', headers = {}) =>
      JSON.parse((await ask('GET', `/sessions${query}`, undefined, headers)).text),
    info: async (uuid: string) => {
      const { status, text } = await ask('GET', `/services/${uuid}/info`);
      return { ...(status === 200 ? JSON.parse(text) : {}), status };
    },
    lines: async (uuid: string) => {
      const { text } = await ask('GET', `/services/${uuid}/logs`);
      return JSON.parse(text).container.split('\n').slice(0, -1);
    },
    stop: async (uuid: string) => (await ask('POST', `/services/${uuid}/stop`)).status,
  });
}

/** The required fields of a machine rental. */
export const item = { id: 0, node_id: 9010, disk_size: 10, image: 'ubuntu:24.04' };
