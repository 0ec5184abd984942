/** Converts bytes to base64 and back, in every runtime. */

import { utf8Bytes } from './utf8.ts';

/** Text as UTF-8. */
export function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? utf8Bytes(content) : content;
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** Base64 is decoded in slices, to avoid a second copy of the whole. A multiple of 4. Unit: characters. */
const base64Slice = 4 * 64 * 1024;

/** Decodes base64 without padding. Throws if it is not base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  for (let from = 0; from < text.length; from += base64Slice) {
    const binary = atob(text.slice(from, from + base64Slice));
    for (let index = 0; index < binary.length; index++) bytes[at++] = binary.charCodeAt(index);
  }
  return bytes;
}
