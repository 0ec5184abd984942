/** Lets everybody in. */
export async function mayRent(): Promise<boolean> {
  return true;
}
