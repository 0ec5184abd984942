/** The form of every test of a resource: one call, one whole request. */
import { expect } from 'vitest';
import type { OctaClient } from '../../../src/index.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';

/** Title, call, and what it sends. */
export type Row = readonly [title: string, call: (client: OctaClient) => PromiseLike<unknown>, request: string];

/** Makes the call against an answer and expects exactly one request. Starts carry no mark, which would be another each time. */
export async function expectRequest([, call, request]: Row, answer: string): Promise<void> {
  const { client, requests } = recordingClient(() => jsonAnswer(answer), { leaseVariable: false });
  await call(client);
  expect(requests).toEqual([request]);
}
