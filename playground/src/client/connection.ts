/** What the page is connected to, and how. */
import { isScenarioId, type ScenarioId } from '../scenarios/scenarios.ts';

/** Settings of the sidebar. */
export interface Connection {
  readonly mode: 'simulator' | 'live';
  /** Simulator only; live mode has a proxy that adds it. */
  readonly apiKey: string;
  readonly baseUrls: readonly string[];
  readonly scenario: ScenarioId;
  /** Decides everything in the simulated world. */
  readonly seed: string;
  /** How fast time flows in the simulated world, as a multiple of real time. */
  readonly speed: number;
  /** Live only: whether the page may send what costs money or must not happen twice. */
  readonly allowBillable: boolean;
}

/** The one key that the simulator takes. */
export const demoKey = 'demo-key';

const baseUrls = ['https://api.octa.computer', 'https://api.octa.space'];

export const speeds = [1, 5, 20, 60] as const;

/** The settings that a link asks for: `?scenario=flaky&seed=7&speed=20&mode=live`. */
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
