/** Bad conditions that a seed determines. */
import { describe, expect, test } from 'vitest';
import { OctaSimulator, type OctaSimulatorOptions, type SimulatorConditions } from '../../../src/testing/index.ts';
import { listOf, startOn, statusOf } from './ask.ts';

const conditionsOf = (options: OctaSimulatorOptions): SimulatorConditions => new OctaSimulator(options).conditions;
const seeds = Array.from({ length: 100 }, (_, index) => index);

/** The value of each switch, by its name. */
function switches({ lag, lies, uuidCase, hideVariables, foreign }: SimulatorConditions): [string, unknown][] {
  return Object.entries({ ...lag, ...lies, uuidCase, hideVariables, foreign });
}

test('Conditions are good by default.', () => {
  const values = new Map(switches(conditionsOf({})));
  expect(values.get('uuidCase')).toBe('lower');
  for (const name of ['uuidCase', 'vanishForMs', 'ignoredForMs', 'slowStopMs']) values.delete(name);
  expect(new Set(values.values())).toEqual(new Set([0, false]));
});

describe('a hostile seed', () => {
  test('sets every switch for some seeds and not for others, with shares that affect only some cases', () => {
    const all = seeds.map((hostile) => switches(conditionsOf({ hostile })));
    const valuesOf = (name: string) => all.map((each) => new Map(each).get(name));
    const names = all[0]?.map(([name]) => name) ?? [];
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      const values = new Set(valuesOf(name));
      expect([name, values.size > 1]).toEqual([name, true]);
      if (name.endsWith('Ms') || name === 'uuidCase' || name === 'foreign') continue;
      const on = valuesOf(name).filter((value) => value !== 0 && value !== false);
      expect(on.length).toBeGreaterThan(15);
      expect(on.length).toBeLessThan(70);
      for (const share of on) expect(Number(share)).toBeLessThanOrEqual(share === true ? 1 : 0.5);
    }
    expect(new Set(valuesOf('uuidCase'))).toEqual(new Set(['lower', 'upper', 'mixed']));
  });

  test('always sets the same conditions, independent of the events in the world', () => {
    expect(conditionsOf({ hostile: 'tuesday' })).toEqual(conditionsOf({ hostile: 'tuesday', seed: 5, machines: 3 }));
    expect(conditionsOf({ hostile: 1 })).toEqual(conditionsOf({ hostile: '1' }));
    expect(conditionsOf({ hostile: 1 })).not.toEqual(conditionsOf({ hostile: 2 }));
  });

  test('is overridden by options, field by field', () => {
    const said = { lag: { listsMs: 7, infoMs: undefined }, lies: { lostStarts: 0.9 }, uuidCase: 'upper', foreign: 1 };
    for (const hostile of seeds.slice(0, 20)) {
      const drawn = conditionsOf({ hostile });
      const { lag, lies, uuidCase, foreign, hideVariables } = conditionsOf({ ...said, uuidCase: 'upper', hostile });
      expect([uuidCase, foreign, hideVariables]).toEqual(['upper', 1, drawn.hideVariables]);
      expect(lag).toEqual({ ...drawn.lag, listsMs: 7 });
      expect(lies).toEqual({ ...drawn.lies, lostStarts: 0.9 });
    }
  });

  test('adds no foreign session if nothing can be rented', () => {
    for (const hostile of seeds.slice(0, 10)) {
      expect(conditionsOf({ hostile, machines: 0, renderMachines: [], relays: 0 }).foreign).toBe(0);
    }
  });

  test('leads to the same events each time', async () => {
    const story = async (hostile: number) => {
      const simulator = new OctaSimulator({ hostile, latencyMs: 0, machines: [{ node_id: 1 }, { node_id: 2 }] });
      const told: unknown[] = [];
      for (let step = 0; step < 20; step++) {
        told.push(await startOn(simulator, 1 + (step % 2)).then(({ text }) => text, String));
        told.push(await listOf(simulator), await listOf(simulator, 'recent'));
        for (const uuid of simulator.running) told.push(await statusOf(simulator, 'info', uuid));
        await simulator.advance(10_000);
        if (step % 5 === 4) await Promise.all(simulator.running.map((uuid) => statusOf(simulator, 'stop', uuid)));
      }
      return [...told, simulator.sessions];
    };
    for (const hostile of [1, 2, 3]) expect(await story(hostile)).toEqual(await story(hostile));
  });
});
