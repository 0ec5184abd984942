/** A client without a network, which records its requests. */
import { OctaClient, type OctaClientOptions } from '../../src/index.ts';

/** Returns the response to a request, by its method and its path with query. */
export type AnswerTo = (method: string, path: string) => Response;

/** A client, and its requests in order as `METHOD /path?query body`. */
export interface RecordingClient {
  readonly client: OctaClient;
  readonly requests: readonly string[];
}

const baseUrl = 'https://api.test';

/** Response text as from the API, with all digits. */
export function jsonAnswer(text: string, status = 200): Response {
  return new Response(text, { status, headers: { 'content-type': 'application/json' } });
}

/** A client whose fetch gives each request the response of `answerTo`. */
export function recordingClient(answerTo: AnswerTo, options: OctaClientOptions = {}): RecordingClient {
  const requests: string[] = [];
  const fetch = async (url: string, { method = '', body }: RequestInit): Promise<Response> => {
    const path = url.slice(baseUrl.length);
    requests.push([method, path, ...(body === undefined ? [] : [String(body)])].join(' '));
    return answerTo(method, path);
  };
  const client = new OctaClient({ apiKey: 'test-key', baseUrl, retries: 0, logLevel: 'silent', fetch, ...options });
  return { client, requests };
}
