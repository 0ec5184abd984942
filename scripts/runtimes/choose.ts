/** Chooses lanes by name. */
import { Failed } from '../package/run.ts';

interface Named {
  readonly name: string;
}

/** The lanes that an argument names: the lane with this name, or all whose names begin with it, such as `node`. */
function lanesNamed<Lane extends Named>(lanes: readonly Lane[], given: string): readonly Lane[] {
  const exact = lanes.filter(({ name }) => name === given);
  return exact.length > 0 ? exact : lanes.filter(({ name }) => name.startsWith(`${given}-`));
}

/**
 * The lanes that the arguments name, in the order of `lanes`; all of them if there are no arguments. Throws for an unknown lane; `hint` is
 * the end of the message.
 */
export function chooseLanes<Lane extends Named>(
  lanes: readonly Lane[],
  given: readonly string[],
  hint = '',
): readonly Lane[] {
  if (given.length === 0) return lanes;
  const unknown = given.filter((each) => lanesNamed(lanes, each).length === 0);
  if (unknown.length > 0) {
    const allowed = lanes.map(({ name }) => name).join(', ');
    throw new Failed(`unknown lane ${unknown.join(', ')}; use ${allowed}${hint}`);
  }
  const chosen = new Set(given.flatMap((each) => lanesNamed(lanes, each)));
  return lanes.filter((lane) => chosen.has(lane));
}
