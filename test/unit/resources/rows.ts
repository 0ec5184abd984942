/** The form of tests of resources: one call sends exactly one request. */
import { expect } from 'vitest';
import type { OctaClient } from '../../../src/index.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';

/** Title, call, and request. */
export type Row = readonly [title: string, call: (client: OctaClient) => PromiseLike<unknown>, request: string];

/** Makes the call with a given response, and expects exactly one request. Starts have no mark, which would be different each time. */
export async function expectRequest([, call, request]: Row, answer: string): Promise<void> {
  const { client, requests } = recordingClient(() => jsonAnswer(answer), { leaseVariable: false });
  await call(client);
  expect(requests).toEqual([request]);
}
