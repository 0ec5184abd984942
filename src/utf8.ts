/** Text as UTF-8, and back. */

// Made when first used, so that the package can be imported where there is none.
let decoder: TextDecoder | undefined;

/** The text of bytes; what is not UTF-8 becomes U+FFFD. */
export function utf8Text(bytes: Uint8Array | undefined): string {
  decoder ??= new TextDecoder();
  return decoder.decode(bytes);
}

export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
