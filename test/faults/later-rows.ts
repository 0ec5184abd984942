/** The rows after 56 that have the same form, and additional cases of earlier rows. */
import { apart, every, fails, ok, type Row } from '../support/fault-cells.ts';
import { deadUrl, faults, goodText, redirect, status, text, trickle } from '../support/fault-list.ts';

const lost = (attempts: number) => fails('OctaNetworkError', 'unknown', attempts);
const late = (attempts: number) => fails('OctaTimeoutError', 'unknown', attempts, 0);
const notConnected = fails('OctaConnectionError', 'not-sent', 3, 0);
const redirected = fails('OctaApiError', 'unknown', 1);
const unavailable = (attempts: number) => fails('OctaServiceUnavailableError', 'unknown', attempts);
const unreadable = fails('OctaResponseError', 'unknown', 1);
/** These rows are about the response, not about the attempt. */
const refusedStart = fails('OctaProvisionRejectedError', 'rejected', 0, 1);
const noStart = fails('OctaResponseError', 'unknown', 0, 1);

const page = `<!doctype html>${'<p>busy</p>'.repeat(500_000)}`;
const longText = goodText.replace('}', `,"note":"${'x'.repeat(30_000)}"}`);
const small = { maxResponseBytes: 1_000 };

/** A resolver without a response takes a while. */
const patient = { timeoutMs: 20_000, totalTimeoutMs: 25_000 };

/** Addresses: names, connections, redirects. */
export const addressRows: readonly Row[] = [
  { number: 2, hosts: [[faults.tls_garbage]], cells: every(notConnected) },
  { number: 23, hosts: [[faults.tls_selfsigned], [faults.ok]], cells: every(ok(2, 1)) },
  { number: 57, hosts: [[faults.no_such_name]], cells: every(notConnected), options: patient },
  { number: 58, hosts: [[faults.no_such_name], [faults.ok]], cells: every(ok(2, 1)), options: patient },
  { number: 63, hosts: [[faults.tls_half]], cells: apart(late(3), late(1)), options: { timeoutMs: 400 } },
  { number: 64, hosts: [[redirect(307, deadUrl())]], cells: every(redirected) },
];

/** The outcome after an abort. The test of each row decides when the caller aborts. */
export const givenUpRows = {
  beforeSending: { number: 66, hosts: [[faults.ok]], cells: every(fails('OctaAbortError', 'not-sent', 0)) },
  withinHeaders: { number: 67, hosts: [[faults.hang_headers]], cells: every(fails('OctaAbortError', 'unknown', 1)) },
  betweenAttempts: {
    number: 68,
    hosts: [[status(429, { 'retry-after': '10' })]],
    cells: { read: fails('OctaAbortError', 'rejected', 1), idempotent: fails('OctaAbortError', 'rejected', 1) },
  },
  withinBody: { number: 69, hosts: [[faults.hang_body]], cells: every(fails('OctaAbortError', 'unknown', 1)) },
} as const satisfies Record<string, Row>;

/** Limits that end a call although another attempt could follow. */
export const limitRows: readonly Row[] = [
  {
    number: 71,
    hosts: [[faults.hang_headers]],
    cells: every(fails('OctaTimeoutError', 'unknown', 1)),
    options: { totalTimeoutMs: 400 },
  },
];

/** A caller's fetch that rejects with ECONNREFUSED. The test of the row creates it. */
export const ownFetchRow: Row = {
  number: 91,
  hosts: [],
  cells: apart(fails('OctaConnectionError', 'unknown', 3), fails('OctaConnectionError', 'unknown', 1)),
};

/** Responses: their content, and how they arrive. */
export const answerRows: readonly Row[] = [
  {
    number: 80,
    hosts: [[{ ...status(503, {}, page), name: '503 with a page of 5 MB' }]],
    cells: apart(unavailable(3), unavailable(1)),
  },
  {
    number: 81,
    hosts: [[text('{"message":"no"}')]],
    cells: { ...every(ok(1)), billable: refusedStart },
  },
  { number: 84, hosts: [[text('[]')]], cells: { billable: noStart } },
  { number: 85, hosts: [[text('[{"error":"no funds"}]')]], cells: { billable: refusedStart } },
  { number: 86, hosts: [[text('[{"id":0,"uuid":"u-1"},{"id":1,"error":"no funds"}]')]], cells: { billable: ok(1) } },
  { number: 87, hosts: [[trickle(goodText, 1, 20)]], cells: every(ok(1)) },
  { number: 87, hosts: [[trickle(longText, 500, 10)]], cells: every(ok(1)) },
  { number: 88, hosts: [[{ ...text(longText), name: '30 KB' }]], cells: every(unreadable), options: small },
  { number: 88, hosts: [[faults.endless_body]], cells: every(unreadable), options: small },
  { number: 88, hosts: [[faults.gzip_bomb]], cells: every(unreadable), options: small },
  { number: 89, hosts: [[faults.bad_brotli]], cells: apart(lost(3), lost(1)) },
];

/** Stops of a session that may be gone. */
export const stopRows: readonly Row[] = [
  { number: 97, hosts: [[faults.reset_before_headers, status(404)]], cells: { idempotent: ok(2) } },
  { number: 98, hosts: [[status(404)]], cells: { idempotent: fails('OctaNotFoundError', 'rejected', 1) } },
];

/** All later rows. */
export const laterRows: readonly Row[] = [
  ...addressRows,
  ...Object.values(givenUpRows),
  ...limitRows,
  ...answerRows,
  ownFetchRow,
  ...stopRows,
];
