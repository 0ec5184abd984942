/** Lets in who says so. */
export function mayRent({ headers }: Request): boolean {
  return headers.get('x-visitor') === 'known';
}
