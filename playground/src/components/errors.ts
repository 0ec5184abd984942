/** What an error means for whoever sees it, and what to do next. */
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

/** The first that fits is taken, so what is special comes first. */
const advice: readonly (readonly [kind: Kind, advice: string])[] = [
  [
    OctaAuthenticationError,
    'Check the API key in the sidebar. In the simulator the key is demo-key; in live mode the proxy holds it.',
  ],
  [OctaPermissionError, 'The key is valid, but not allowed to do this. Use a key of the account that owns it.'],
  [OctaNotFoundError, 'It does not exist, or not any more. Go back to the list and choose another.'],
  [OctaValidationError, 'The API does not take these values. Change them and send again.'],
  [OctaRateLimitError, 'Too many requests. Wait as long as the API asks, then try again.'],
  [OctaServerError, 'The API has a problem of its own. The SDK has tried again where that is safe; try later.'],
  [OctaTimeoutError, 'No complete answer in time. Try again, or allow more time with timeoutMs and totalTimeoutMs.'],
  [OctaAbortError, 'It was cancelled here. Run it again if you want the answer.'],
  [OctaProvisionRejectedError, 'The node refused. Nothing was started, so take another machine.'],
  [OctaSessionError, 'Look at the session: it may be running, and costing money.'],
  [OctaResponseError, 'The API answered something else than it promises. Keep the request id and report it.'],
  [OctaConfigurationError, 'Nothing was sent. Change the setting that the message names.'],
];

const afterUnknown = 'The request may have taken effect: look among the active sessions before you start again.';

/** What to do next. `mayCost` says that the call may have started something. */
export function adviceFor(error: unknown, mayCost = false): string {
  if (!isOctaError(error)) return 'This is a mistake of the playground itself. Reload the page.';
  if (mayCost && error.outcome === 'unknown') return afterUnknown;
  const found = advice.find(([kind]) => error instanceof kind);
  return found?.[1] ?? 'The API could not be reached. Check the connection and the base URLs, then try again.';
}

/** What is known about the request. */
export const outcomeTexts = {
  'not-sent': 'It never reached the API.',
  rejected: 'The API refused it.',
  unknown: 'It may have taken effect.',
} as const;
