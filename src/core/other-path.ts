/** Calls that have an alternative path. */
import type { CallArguments, OtherPath } from './call-types.ts';
import type { Answer } from './promise.ts';

type SendTo = (path: OtherPath['path']) => Promise<Answer>;

/** Sends a call. If it fails and `otherPath` returns another path for the error, sends it once more with that path. */
export function byEitherPath({ path = {}, otherPath }: CallArguments, send: SendTo): Promise<Answer> {
  const first = send(path);
  if (otherPath === undefined) return first;
  return first.catch(async (error: unknown) => {
    const other = otherPath(error);
    if (other === undefined) throw error;
    try {
      const answer = await send(other.path);
      other.works();
      return answer;
    } catch (second) {
      other.fails(second);
      throw second;
    }
  });
}
