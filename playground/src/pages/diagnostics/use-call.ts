import type { OctaPromise } from '@octaspace/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { SdkCall, Values } from '../../calls/types.ts';
import { useOcta } from '../../client/octa.ts';

/** Facts about the response besides its data. */
export interface Answer {
  readonly status: number;
  readonly attempts: number;
  readonly requestId: string | undefined;
  readonly url: string;
  /** The body as the API sent it. */
  readonly text: string;
}

/** The state of a call. */
export type CallState =
  | { readonly step: 'idle' }
  | { readonly step: 'running' }
  | { readonly step: 'done'; readonly data: unknown; readonly answer: Answer | undefined; readonly durationMs: number }
  | { readonly step: 'failed'; readonly error: unknown; readonly durationMs: number };

function isOctaPromise(promise: object): promise is OctaPromise<unknown> {
  return 'withResponse' in promise;
}

/** Data that can be shown. For a file, its size. */
function shown(data: unknown): unknown {
  return data instanceof Blob ? { blob: data.type || 'application/octet-stream', bytes: data.size } : data;
}

async function settle(promise: OctaPromise<unknown> | Promise<unknown>): Promise<{ data: unknown; answer?: Answer }> {
  if (!isOctaPromise(promise)) return { data: await promise };
  const { data, response } = await promise.withResponse();
  const { status, attempts, requestId, url, text } = response;
  return { data: shown(data), answer: { status, attempts, requestId, url, text } };
}

/** Runs a call, one at a time. */
export function useCall() {
  const { client, queries } = useOcta();
  const queryClient = useQueryClient();
  const [state, setState] = useState<CallState>({ step: 'idle' });
  const running = useRef<AbortController>(undefined);
  const run = async (call: SdkCall, values: Values, retries: number): Promise<void> => {
    const controller = new AbortController();
    running.current = controller;
    setState({ step: 'running' });
    const startedAt = performance.now();
    const tell = (next: CallState) => running.current === controller && setState(next);
    try {
      const { signal } = controller;
      // `rent` and similar methods also accept these options.
      const { data, answer } = await settle(call.run({ client, values, options: { signal, retries } }));
      tell({ step: 'done', data, answer, durationMs: performance.now() - startedAt });
      if (call.effect !== 'read') await queryClient.invalidateQueries({ queryKey: queries.key });
    } catch (error) {
      tell({ step: 'failed', error, durationMs: performance.now() - startedAt });
    }
  };
  const forget = () => {
    running.current?.abort();
    running.current = undefined;
    setState({ step: 'idle' });
  };
  return { state, run, forget, cancel: () => running.current?.abort() };
}
