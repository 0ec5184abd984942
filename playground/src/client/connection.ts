/** The settings of the connection. */
import { isScenarioId, type ScenarioId } from '../scenarios/scenarios.ts';

/** Settings of the sidebar. */
export interface Connection {
  readonly mode: 'simulator' | 'live';
  /** Only for the simulator; in live mode, the proxy adds the key. */
  readonly apiKey: string;
  readonly baseUrls: readonly string[];
  readonly scenario: ScenarioId;
  /** Seed of the simulated world. */
  readonly seed: string;
  /** How fast time passes in the simulated world, as a multiple of real time. */
  readonly speed: number;
  /** Only for live mode: whether the page may send calls that cost money or must not happen twice. */
  readonly allowBillable: boolean;
}

/** The one key that the simulator accepts. */
export const demoKey = 'demo-key';

const baseUrls = ['https://api.octa.computer', 'https://api.octa.space'];

export const speeds = [1, 5, 20, 60] as const;

/** The settings in a link: `?scenario=flaky&seed=7&speed=20&mode=live`. */
export function connectionFrom(search: string): Connection {
  const asked = new URLSearchParams(search);
  const scenario = asked.get('scenario') ?? '';
  const speed = Number(asked.get('speed'));
  return {
    mode: asked.get('mode') === 'live' ? 'live' : 'simulator',
    apiKey: demoKey,
    baseUrls,
    scenario: isScenarioId(scenario) ? scenario : 'normal',
    seed: asked.get('seed') || '1',
    speed: speeds.find((each) => each === speed) ?? 1,
    allowBillable: false,
  };
}
