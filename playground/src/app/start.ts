import { connect, connectLive } from '../client/octa.ts';
import { isStatic } from './static.ts';

/** A link may request live mode. Without the proxy, the page uses the simulator. */
export async function goLiveIfAsked(): Promise<void> {
  if (isStatic) {
    connect({ mode: 'simulator' });
    return;
  }
  if (new URLSearchParams(location.search).get('mode') !== 'live') return;
  await connectLive().catch(() => connect({ mode: 'simulator' }));
}
