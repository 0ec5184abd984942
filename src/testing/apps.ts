/** Apps that can be started on a rented machine. */
import type { AppInit, Population } from './inits.ts';
import type { Random } from './random.ts';

/** One app. */
export interface AppRecord {
  readonly uuid: string;
  readonly name: string;
  /** Unit: GB. */
  readonly minDiskSize: number;
  readonly needsGpu: boolean;
  /** The entry of the list, as the API sends it. */
  readonly wire: Readonly<Record<string, unknown>>;
}

interface Template extends Omit<AppInit, 'uuid'> {
  readonly name: string;
  readonly image: string;
  readonly category: string;
}

const templates: readonly [Template, ...Template[]] = [
  {
    name: 'Jupyter',
    image: 'quay.io/jupyter/pytorch-notebook:cuda12-latest',
    category: 'AI',
    ports: [22, 6006],
    http_ports: [8888],
    envs: { NOTEBOOK_DIR: '/workspace', VERBOSE: true, WORKERS: 4, EXTRA_ARGS: null },
    minDiskSize: 25,
  },
  {
    name: 'vLLM server',
    image: 'vllm/vllm-openai:latest',
    category: 'AI',
    ports: [],
    http_ports: [8000],
    envs: { DEBUG: false, TENSOR_PARALLEL: 1, HF_TOKEN: null },
    start_command: 'vllm serve --host 0.0.0.0 --port 8000',
    minDiskSize: 80,
  },
  {
    name: 'Ubuntu 24.04',
    image: 'ubuntu:24.04',
    category: 'OS',
    ports: [22],
    http_ports: [],
    envs: {},
    minDiskSize: 5,
  },
  {
    name: 'ComfyUI',
    image: 'ghcr.io/example/comfyui:latest',
    category: 'AI',
    ports: [22],
    http_ports: [8188],
    envs: { MODEL: 'base', PREVIEW: true },
    start_command: 'python main.py --listen',
    minDiskSize: 60,
  },
  { name: 'Desktop', image: 'ghcr.io/example/desktop:22.04', category: 'OS', ports: [22, 3389], http_ports: [6901] },
];

/** Ports as the API sends them: text that contains a JSON array. */
function portList(ports: readonly number[] = [], quirks: boolean): unknown {
  return quirks ? JSON.stringify(ports) : ports;
}

/** TCP and UDP ports. No ports are an empty list, or null with `quirks`. */
function openPorts(ports: readonly number[] = [], quirks: boolean): unknown {
  return quirks && ports.length === 0 ? null : portList(ports, quirks);
}

function envMap(envs: AppInit['envs'] = {}, quirks: boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(envs).map(([name, value]) => [name, quirks ? value : String(value ?? '')]));
}

function app(init: AppInit, template: Template, quirks: boolean): AppRecord {
  const whole = { ...template, ...init };
  const { uuid, name, image, category, minDiskSize = 10, start_command } = whole;
  const wire = {
    uuid,
    name,
    image,
    category,
    description: `${name}, ready to run.`,
    ports: openPorts(whole.ports, quirks),
    http_ports: portList(whole.http_ports, quirks),
    envs: envMap(whole.envs, quirks),
    extra: { min_disk_size: minDiskSize, guide: `https://example.com/apps/${encodeURIComponent(name)}` },
    personal: false,
    ...(start_command === undefined ? {} : { start_command }),
    ...init.fields,
  };
  return { uuid, name, minDiskSize, needsGpu: category === 'AI', wire };
}

/** The apps of one world. */
export function appsFor(population: Population<AppInit>, random: Random, quirks: boolean): AppRecord[] {
  const inits =
    typeof population === 'number' ? Array.from({ length: population }, () => ({ uuid: random.uuid() })) : population;
  return inits.map((init, index) => app(init, templates[index % templates.length] ?? templates[0], quirks));
}
