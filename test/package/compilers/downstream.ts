/** What uses that package, and sees its declarations alone. */
import { balance, batch, guarded, isNotFound, machines, node, rented, states, TracedClient } from './library.js';

export async function use(): Promise<bigint> {
  const [machine] = await machines();
  const price: bigint | undefined = machine?.total_price_wei;
  const { data, error } = await node(1);
  if (error !== undefined) return 0n;
  const id: number = data.id;
  const session = await rented();
  await using guard = await guarded();
  for await (const state of await states()) if (state.is_ready === true) break;
  const reason: string = (await guard.done).reason;
  const [first] = await batch();
  const uuid: string = first?.status === 'started' ? first.session.uuid : session.uuid;
  const [nodes] = await new TracedClient().everything();
  if (isNotFound(reason) || uuid === '' || id === nodes[0]?.id) return price ?? 0n;
  return (await balance()).data.balance;
}
