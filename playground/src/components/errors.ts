/** Explains an error to the user, and what to do next. */
import {
  isOctaError,
  OctaAbortError,
  OctaAuthenticationError,
  OctaConfigurationError,
  type OctaError,
  OctaNotFoundError,
  OctaPermissionError,
  OctaProvisionRejectedError,
  OctaRateLimitError,
  OctaResponseError,
  OctaServerError,
  OctaSessionError,
  OctaTimeoutError,
  OctaValidationError,
} from '@octaspace/sdk';

type Kind = abstract new (...given: never[]) => OctaError;

/** The first match is used, so special errors come first. */
const advice: readonly (readonly [kind: Kind, advice: string])[] = [
  [
    OctaAuthenticationError,
    'Check the API key in the sidebar. In the simulator the key is demo-key. In live mode the proxy adds it.',
  ],
  [
    OctaPermissionError,
    'The key is valid, but not allowed to do this. Use a key of the account that owns the resource.',
  ],
  [OctaNotFoundError, 'It does not exist, or does not exist any more. Go back to the list and choose another.'],
  [OctaValidationError, 'The API does not accept these values. Change them and send again.'],
  [OctaRateLimitError, 'Too many requests. Wait as long as the API asks, then try again.'],
  [OctaServerError, 'The API has an internal problem. The SDK has already retried if that is safe. Try again later.'],
  [
    OctaTimeoutError,
    'There was no complete response in time. Try again, or allow more time with timeoutMs and totalTimeoutMs.',
  ],
  [OctaAbortError, 'You cancelled the call. Run it again to get the result.'],
  [OctaProvisionRejectedError, 'The node refused. Nothing was started, so choose another machine.'],
  [OctaSessionError, 'Check the session: it may be running and costing money.'],
  [OctaResponseError, 'The response of the API is not as documented. Keep the request id and report it.'],
  [OctaConfigurationError, 'Nothing was sent. Change the setting that the message names.'],
];

const afterUnknown = 'The request may have taken effect. Check the active sessions before you start again.';

/** What to do next. `mayCost` says that the call may have started something. */
export function adviceFor(error: unknown, mayCost = false): string {
  if (!isOctaError(error)) return 'This is a bug of the playground itself. Reload the page.';
  if (mayCost && error.outcome === 'unknown') return afterUnknown;
  const found = advice.find(([kind]) => error instanceof kind);
  return found?.[1] ?? 'The API could not be reached. Check the connection and the base URLs, then try again.';
}

/** What is known about the request. */
export const outcomeTexts = {
  'not-sent': 'The request never reached the API.',
  rejected: 'The API refused it.',
  unknown: 'It may have taken effect.',
} as const;
