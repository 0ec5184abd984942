/** Lets in who says so. */
export async function mayRent(request: Request): Promise<boolean> {
  return request.headers.get('x-visitor') === 'known';
}
