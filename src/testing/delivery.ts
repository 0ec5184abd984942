/** Applies a fault to a response, and decides how to deliver it. */
import { utf8Text } from '../utf8.ts';
import { type Answer, defaultAnswer, jsonAnswer, jsonType, textAnswer } from './answers.ts';
import type { Fault, StatusFault } from './faults.ts';

/** How to deliver a response. */
export type Delivery =
  | { readonly how: 'whole'; readonly answer: Answer }
  | { readonly how: 'cut'; readonly answer: Answer }
  | { readonly how: 'stalled-body'; readonly answer: Answer }
  | { readonly how: 'lost' }
  | { readonly how: 'stalled' };

/** The response of a fault with a status. */
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

/** The response to HEAD: the same without the body. */
export function withoutBody(answer: Answer): Answer {
  const { headers, body } = answer;
  return { ...answer, headers: { 'content-length': String(body.length), ...headers }, body: new Uint8Array() };
}

function half(answer: Answer): Answer {
  return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) };
}

/** How to deliver a response, with the fault of its request if there is one. */
export function deliveryOf(answer: Answer, fault: Fault | undefined): Delivery {
  if (answer.lost) return { how: 'lost' };
  if (fault === undefined) return { how: 'whole', answer };
  if ('lost' in fault) return { how: 'lost' };
  if ('stall' in fault) return fault.stall === 'headers' ? { how: 'stalled' } : { how: 'stalled-body', answer };
  if ('cut' in fault) return { how: 'cut', answer };
  return { how: 'whole', answer: 'invalidJson' in fault ? half(answer) : answer };
}

/** The text that a client with the headers of a response has received. */
export function receivedText(delivery: Delivery): string {
  if (!('answer' in delivery)) return '';
  const { body } = delivery.answer;
  return utf8Text(delivery.how === 'whole' ? body : body.slice(0, Math.ceil(body.length / 2)));
}
