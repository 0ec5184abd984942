/** What is thrown. */
import { demand, equal, matches, rejection } from './expect.ts';
import { order, type Test, testKey } from './kit.ts';
import type { Modules } from './types.ts';

type ErrorName = Extract<keyof Modules['sdk'], `Octa${string}Error`>;

const statuses: readonly (readonly [status: number, name: ErrorName, outcome: string])[] = [
  [400, 'OctaBadRequestError', 'rejected'],
  [401, 'OctaAuthenticationError', 'rejected'],
  [403, 'OctaPermissionError', 'rejected'],
  [404, 'OctaNotFoundError', 'rejected'],
  [409, 'OctaConflictError', 'rejected'],
  [418, 'OctaApiError', 'rejected'],
  [422, 'OctaValidationError', 'rejected'],
  [429, 'OctaRateLimitError', 'rejected'],
  [500, 'OctaServerError', 'unknown'],
  [502, 'OctaBadGatewayError', 'unknown'],
  [503, 'OctaServiceUnavailableError', 'unknown'],
  [504, 'OctaGatewayTimeoutError', 'unknown'],
];

const ofStatuses = statuses.map<Test>(([status, name, outcome]) => [
  `A ${status} is an ${name}, whose outcome is ${outcome}.`,
  async (kit) => {
    const headers = { 'x-request-id': 'r-1', 'retry-after': '7' };
    const scene = await kit.scene({ status, headers, body: '{"error":"no","code":"E1"}' });
    const error = await rejection(kit.sdk[name], kit.client(scene, { retries: 0 }).nodes.get(7));
    const { OctaApiError, OctaError, isApiError, isAuthError, isNotFound, isRateLimit, isTimeout } = kit.sdk;
    demand(
      error instanceof OctaApiError && error instanceof OctaError && error instanceof Error,
      'it lacks a base class',
    );
    const request = { operation: 'getNode', method: 'GET', url: `${scene.url}/nodes/7` };
    matches(error, { name, status, outcome, request, code: 'E1', requestId: 'r-1', retryAfter: 7 });
    equal(
      [isApiError, isAuthError, isNotFound, isRateLimit, isTimeout].map((guard) => guard(error)),
      [true, status === 401, status === 404, status === 429, false],
      'what the guards say',
    );
  },
]);

/** Everything that somebody may print of an error. */
function printed(error: Error): string {
  const { stack, cause } = error;
  return [String(error), stack, JSON.stringify(error), String(cause), JSON.stringify(Object.entries(error))].join('\n');
}

export const errors: readonly Test[] = [
  ...ofStatuses,
  [
    'An API that cannot be reached is an OctaConnectionError, not sent; where the runtime does not say why, it is unknown.',
    async (kit) => {
      const call = kit.client({ url: kit.task.deadUrl }, { retries: 1 }).accounts.balance();
      const error = await rejection(kit.sdk.OctaNetworkError, call);
      const known = !kit.isExcepted('no-proof');
      equal(error instanceof kit.sdk.OctaConnectionError, known, 'whether it is an OctaConnectionError');
      matches(error, { outcome: known ? 'not-sent' : 'unknown', phase: known ? 'connect' : 'headers' });
      equal(error.attempts.length, 2, 'the number of attempts');
    },
  ],
  [
    'A connection that breaks is an OctaNetworkError that says how far it got.',
    async (kit) => {
      for (const [fault, phase] of [
        ['reset', 'headers'],
        ['cut-body', 'body'],
      ] as const) {
        const scene = await kit.scene({ fault });
        const call = kit.client(scene, { retries: 0 }).accounts.balance();
        matches(await rejection(kit.sdk.OctaNetworkError, call), {
          name: 'OctaNetworkError',
          outcome: 'unknown',
          phase,
        });
      }
    },
  ],
  [
    'A success that is no JSON is an OctaResponseError, which tells when it was cut off.',
    async (kit) => {
      const scene = await kit.scene({ body: '<html>' }, { body: '[{"uuid":"u' });
      const { sessions } = kit.client(scene, { retries: 0 });
      matches(await rejection(kit.sdk.OctaResponseError, sessions.list()), { truncated: false, outcome: 'unknown' });
      matches(await rejection(kit.sdk.OctaResponseError, sessions.list()), { truncated: true, outcome: 'unknown' });
    },
  ],
  [
    'A refusal within a success is an OctaProvisionRejectedError with its reasons.',
    async (kit) => {
      const scene = await kit.scene({ body: '[{"id":0,"reason":"Node not found","status":1}]' });
      const call = kit.client(scene, kit.billable).services.mr.start(order);
      const { rejections, outcome } = await rejection(kit.sdk.OctaProvisionRejectedError, call);
      equal([outcome, rejections?.[0]?.reason], ['rejected', 'Node not found']);
    },
  ],
  [
    'A redirect is not followed, and an error.',
    async (kit) => {
      const target = await kit.scene({ body: '{"balance":1}' });
      const location = `${target.url}/accounts/balance`;
      const scene = await kit.scene({ status: 307, headers: { location } });
      const error = await rejection(kit.sdk.OctaApiError, kit.client(scene).accounts.balance());
      const hidden = kit.isExcepted('hidden-redirects');
      matches(error, { status: hidden ? 0 : 307, outcome: 'unknown' });
      equal(error.message.includes(location), !hidden, 'whether the message has the location');
      equal([await scene.lines(), await target.lines()], [['GET /accounts/balance'], []]);
    },
  ],
  [
    'The key is in no error, even when the API says it back.',
    async (kit) => {
      const echoing = await kit.scene({ status: 403, body: `{"error":"${testKey} may not","key":"${testKey}"}` });
      const broken = await kit.scene({ fault: 'reset' });
      for (const scene of [echoing, broken]) {
        const call = kit.client(scene, { retries: 0 }).accounts.balance();
        const error = await rejection(kit.sdk.OctaError, call);
        demand(!printed(error).includes(testKey), `the key is in ${error.name}`);
      }
    },
  ],
  [
    'Wrong options are an OctaConfigurationError that names them.',
    async (kit) => {
      const wrong: object = { timeoutMs: '1' };
      const made = Promise.resolve().then(() => new kit.sdk.OctaClient(wrong));
      const { message } = await rejection(kit.sdk.OctaConfigurationError, made);
      demand(message.includes('timeoutMs'), message);
    },
  ],
];
