/** What a fault makes of an answer, and how its carrier has to deliver it. */
import { type Answer, defaultAnswer, jsonAnswer, jsonType, textAnswer } from './answers.ts';
import type { Fault, StatusFault } from './faults.ts';

/** What the carrier has to do with an answer. */
export type Delivery =
  | { readonly how: 'whole'; readonly answer: Answer }
  | { readonly how: 'cut'; readonly answer: Answer }
  | { readonly how: 'stalled-body'; readonly answer: Answer }
  | { readonly how: 'lost' }
  | { readonly how: 'stalled' };

/** The answer that a fault has written itself. */
export function statusAnswer({ status, body, headers = {} }: StatusFault): Answer {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const type = lower['content-type'] ?? (typeof body === 'string' ? 'text/plain' : jsonType);
  const answer =
    body === undefined
      ? defaultAnswer(status)
      : typeof body === 'string'
        ? textAnswer(body, status, type)
        : jsonAnswer(body, status);
  return { ...answer, headers: { ...answer.headers, ...lower } };
}

/** What HEAD is answered with: all but the body. */
export function withoutBody(answer: Answer): Answer {
  const { headers, body } = answer;
  return { ...answer, headers: { 'content-length': String(body.length), ...headers }, body: new Uint8Array() };
}

function half(answer: Answer): Answer {
  return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) };
}

/** How an answer is delivered when its request met a fault, or none. */
export function deliveryOf(answer: Answer, fault: Fault | undefined): Delivery {
  if (answer.lost) return { how: 'lost' };
  if (fault === undefined) return { how: 'whole', answer };
  if ('lost' in fault) return { how: 'lost' };
  if ('stall' in fault) return fault.stall === 'headers' ? { how: 'stalled' } : { how: 'stalled-body', answer };
  if ('cut' in fault) return { how: 'cut', answer };
  return { how: 'whole', answer: 'invalidJson' in fault ? half(answer) : answer };
}

/** The text that the client has received of an answer whose headers it got. */
export function receivedText(delivery: Delivery): string {
  if (!('answer' in delivery)) return '';
  const { body } = delivery.answer;
  return new TextDecoder().decode(delivery.how === 'whole' ? body : body.slice(0, Math.ceil(body.length / 2)));
}
