/**
 * The outcome of each kind of call under each fault. If a row has two hosts, the first one is
 * tried first. The columns are in the order of the effects: read, disruptive, billable, idempotent.
 */
import { apart, byAnswer, type Cell, every, fails, ok, type Row } from '../support/fault-cells.ts';
import { faults, redirect, status } from '../support/fault-list.ts';
import type { TransportName } from '../support/fault-transports.ts';

/** Long enough for a request to arrive, and short enough to wait for often. */
const shortTimeout = { timeoutMs: 400 };

const lost = (attempts: number, seen = attempts): Cell => fails('OctaNetworkError', 'unknown', attempts, seen);
const late = (attempts: number, seen = attempts): Cell => fails('OctaTimeoutError', 'unknown', attempts, seen);
const unreadable = (attempts: number): Cell => fails('OctaResponseError', 'unknown', attempts);
const notConnected = (attempts: number): Cell => fails('OctaConnectionError', 'not-sent', attempts, 0);
const redirected = fails('OctaApiError', 'unknown', 1);
const limited = (attempts: number): Cell => fails('OctaRateLimitError', 'rejected', attempts);

/** Whether the parser of the runtime treats a stray line break as the end of the headers. */
const takesBadHeaders = Number(process.versions.node.split('.')[0]) < 24;

const date = 'Sun, 22 Nov 2026 08:00:00 GMT';
const aSecondLater = 'Sun, 22 Nov 2026 08:00:01 GMT';

const rowsOfConnections: readonly Row[] = [
  { number: 1, hosts: [[faults.ok]], cells: every(ok(1)) },
  { number: 2, hosts: [[faults.refused]], cells: every(notConnected(3)) },
  {
    number: 3,
    hosts: [[faults.accept_rst]],
    // It is random whether the reset comes before or after the request was written, and so whether there is a proof.
    cells: apart(
      [notConnected(3), lost(3, 0), fails('OctaConnectionError', 'unknown', 3, 0)],
      [notConnected(3), lost(1, 0), ...[2, 3].map((attempts) => ({ ...lost(attempts, 0), stoppedBy: undefined }))],
    ),
  },
  { number: 4, hosts: [[faults.accept_fin]], cells: apart(lost(3, 0), lost(1, 0)) },
  { number: 5, hosts: [[faults.reset_before_headers]], cells: apart(lost(3), lost(1)) },
  { number: 6, hosts: [[faults.fin_before_headers]], cells: apart(lost(3), lost(1)) },
  { number: 7, hosts: [[faults.hang_headers]], cells: apart(late(3), late(1)), options: shortTimeout },
  { number: 8, hosts: [[faults.partial_headers_fin]], cells: apart(lost(3), lost(1)) },
  { number: 9, hosts: [[faults.partial_headers_hang]], cells: apart(late(3), late(1)), options: shortTimeout },
  { number: 10, hosts: [[faults.garbage_status]], cells: apart(lost(3), lost(1)) },
  {
    number: 11,
    hosts: [[faults.bad_header]],
    cells: takesBadHeaders
      ? byAnswer({ read: unreadable(1), billable: unreadable(1) }, ok(1))
      : apart(lost(3), lost(1)),
  },
  { number: 11, hosts: [[faults.no_colon]], cells: apart(lost(3), lost(1)) },
  { number: 12, hosts: [[faults.huge_header]], cells: apart(lost(3), lost(1)) },
  { number: 13, hosts: [[faults.reset_mid_body]], cells: apart(lost(3), lost(1)) },
  { number: 14, hosts: [[faults.fin_mid_body_cl]], cells: apart(lost(3), lost(1)) },
  { number: 15, hosts: [[faults.fin_mid_chunked]], cells: apart(lost(3), lost(1)) },
  {
    number: 16,
    hosts: [[faults.eof_delimited_trunc]],
    cells: byAnswer({ read: unreadable(3), billable: unreadable(1) }, ok(1)),
  },
  { number: 17, hosts: [[faults.hang_body]], cells: apart(late(3), late(1)), options: shortTimeout },
  { number: 18, hosts: [[faults.bad_gzip]], cells: apart(lost(3), lost(1)) },
  {
    number: 19,
    hosts: [[faults.html_200]],
    cells: byAnswer({ read: unreadable(1), billable: unreadable(1) }, ok(1)),
  },
  { number: 20, hosts: [[redirect(302, '/elsewhere')]], cells: every(redirected) },
  { number: 21, hosts: [[redirect(307, '/elsewhere')]], cells: every(redirected) },
  { number: 22, hosts: [[redirect(308, '/elsewhere')]], cells: every(redirected) },
  { number: 23, hosts: [[faults.tls_selfsigned]], cells: every(notConnected(1)) },
  { number: 24, hosts: [[faults.tls_hang]], cells: apart(late(3, 0), late(1, 0)), options: shortTimeout },
  { number: 25, hosts: [[faults.stale_rst]], cells: apart(ok(2), lost(1)), primed: true },
  { number: 26, hosts: [[faults.stale_fin]], cells: apart(ok(2), lost(1)), primed: true },
];

/** Status, outcome, and whether a repeatable call is retried. */
function statusRow(number: number, code: number, [ends, again]: readonly [Parameters<typeof fails>[0], boolean]): Row {
  const outcome = code === 408 || code >= 500 ? 'unknown' : 'rejected';
  const once = fails(ends, outcome, 1);
  return { number, hosts: [[status(code)]], cells: apart(again ? fails(ends, outcome, 3) : once, once) };
}

const rowsOfStatuses: readonly Row[] = [
  statusRow(27, 400, ['OctaBadRequestError', false]),
  statusRow(28, 401, ['OctaAuthenticationError', false]),
  statusRow(29, 403, ['OctaPermissionError', false]),
  statusRow(30, 404, ['OctaNotFoundError', false]),
  statusRow(31, 408, ['OctaTimeoutError', true]),
  statusRow(32, 409, ['OctaConflictError', false]),
  statusRow(33, 422, ['OctaValidationError', false]),
  statusRow(34, 425, ['OctaApiError', false]),
  statusRow(35, 500, ['OctaServerError', true]),
  statusRow(36, 501, ['OctaServerError', false]),
  statusRow(37, 502, ['OctaBadGatewayError', true]),
  statusRow(38, 503, ['OctaServiceUnavailableError', true]),
  statusRow(39, 504, ['OctaGatewayTimeoutError', true]),
  statusRow(40, 429, ['OctaRateLimitError', true]),
  { number: 41, hosts: [[status(429, { 'retry-after': '0' })]], cells: apart(limited(3), limited(1)) },
  { number: 42, hosts: [[status(429, { 'retry-after': '1' })]], cells: apart(limited(3), limited(1)) },
  {
    number: 43,
    hosts: [[status(429, { 'retry-after': '3600' })]],
    cells: apart({ ...limited(1), stoppedBy: 'maxRetryAfterMs' }, limited(1)),
  },
  {
    number: 44,
    hosts: [
      [{ ...status(429, { date, 'retry-after': aSecondLater }), name: 's429, retry-after in a second, as a date' }],
    ],
    cells: apart(limited(3), limited(1)),
  },
  { number: 45, hosts: [[status(429, { 'retry-after': 'soon' })]], cells: apart(limited(3), limited(1)) },
  { number: 46, hosts: [[status(429, { 'retry-after': '-5' })]], cells: apart(limited(3), limited(1)) },
  { number: 47, hosts: [[status(429), faults.ok]], cells: apart(ok(2), limited(1)) },
  { number: 48, hosts: [[status(500), faults.ok]], cells: apart(ok(2), fails('OctaServerError', 'unknown', 1)) },
  {
    number: 49,
    hosts: [[status(500), status(500), faults.ok]],
    cells: apart(ok(3), fails('OctaServerError', 'unknown', 1)),
  },
  {
    number: 50,
    hosts: [[faults.no_content]],
    cells: byAnswer({ read: unreadable(1), billable: unreadable(1) }, ok(1)),
  },
  {
    number: 51,
    hosts: [[faults.empty_200]],
    cells: byAnswer({ read: unreadable(1), billable: unreadable(1) }, ok(1)),
  },
];

const rowsOfTwoHosts: readonly Row[] = [
  { number: 52, hosts: [[faults.refused], [faults.ok]], cells: every(ok(2, 1)) },
  { number: 53, hosts: [[faults.reset_before_headers], [faults.ok]], cells: apart(ok(2), lost(1)) },
  { number: 54, hosts: [[faults.hang_headers], [faults.ok]], cells: apart(ok(2), late(1)), options: shortTimeout },
  {
    number: 55,
    hosts: [[status(503)], [faults.ok]],
    cells: apart(ok(2), fails('OctaServiceUnavailableError', 'unknown', 1)),
  },
  { number: 56, hosts: [[faults.refused], [faults.refused]], cells: every(notConnected(3)) },
];

/** Rows 1 to 56. */
export const matrixRows: readonly Row[] = [...rowsOfConnections, ...rowsOfStatuses, ...rowsOfTwoHosts];

/** Cells that differ with a transport, by the number of their row. */
const differences: Readonly<Record<TransportName, Readonly<Record<number, Row['cells']>>>> = {
  'the global fetch': {},
  'nodeFetch()': {
    // It uses the parser of undici on every version of Node.
    11: apart(lost(3), lost(1)),
    // A read is sent again within one attempt. A call that must not happen twice uses a new connection.
    25: apart(ok(1, 2), ok(1)),
    26: apart(ok(1, 2), ok(1)),
  },
};

/** Rows 1 to 56 for a transport. */
export function rowsWith(transport: TransportName): readonly Row[] {
  return matrixRows.map((row) => ({ ...row, cells: differences[transport][row.number] ?? row.cells }));
}
