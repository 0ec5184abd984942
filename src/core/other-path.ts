/** A call that can be made by two paths. */
import type { CallArguments, OtherPath } from './call-types.ts';
import type { Answer } from './promise.ts';

/** Sends a call; once more if there is another path for what it failed with. */
export async function byEitherPath(
  { path = {}, otherPath }: CallArguments,
  send: (path: OtherPath['path']) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await send(path);
  } catch (error) {
    const other = otherPath?.(error);
    if (other === undefined) throw error;
    try {
      const answer = await send(other.path);
      other.works();
      return answer;
    } catch (second) {
      other.fails(second);
      throw second;
    }
  }
}
