/** Converts text to UTF-8, and back. */

// Created on first use, so that the package can be imported in runtimes that do not have them.
let decoder: TextDecoder | undefined;

/** Decodes UTF-8. Invalid bytes become U+FFFD. */
export function utf8Text(bytes: Uint8Array | undefined): string {
  decoder ??= new TextDecoder();
  return decoder.decode(bytes);
}

export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
