/** Formats values for people. Absent values become a dash. */

export const absent = '–';

const countFormat = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

export function formatCount(value: number | undefined): string {
  return value === undefined ? absent : countFormat.format(value);
}

export function formatPercent(value: number | undefined): string {
  return value === undefined ? absent : `${countFormat.format(value)} %`;
}

/** Unit: USD. */
export function formatUsd(usd: number | undefined, digits = 4): string {
  return usd === undefined ? absent : `$${usd.toFixed(digits)}`;
}

const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Unit: bytes. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined) return absent;
  const power = bytes < 1 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${countFormat.format(Number((bytes / 2 ** (10 * power)).toFixed(1)))} ${sizes[power]}`;
}

/** Unit: Mbit/s; 0 means that it was not measured. */
export function formatMbits(mbits: number | undefined): string {
  return mbits === undefined || mbits <= 0 ? absent : `${countFormat.format(Math.round(mbits))} Mbit/s`;
}

/** Digits in groups of three with narrow spaces, because an amount of Wei has about twenty. */
export function formatWei(wei: bigint): string {
  const parts = new Intl.NumberFormat('en-US').formatToParts(wei);
  return parts.map(({ type, value }) => (type === 'group' ? '\u202f' : value)).join('');
}

/** Unit: s. */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return absent;
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${Math.floor(seconds) % 60} s` : `${Math.floor(seconds)} s`;
}

/** Unit: Unix ms. */
export function formatTime(time: number | undefined): string {
  return time === undefined ? absent : new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

/** Unit: ms. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return absent;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

export function formatText(text: string | undefined): string {
  return text === undefined || text === '' ? absent : text;
}

export function formatYesNo(value: boolean | undefined): string {
  return value === undefined ? absent : value ? 'yes' : 'no';
}

export function formatPlace({ city, country }: { readonly city?: string; readonly country?: string }): string {
  return [city, country].filter(Boolean).join(', ') || absent;
}

/** The name without the vendor and brand. */
function shortName(model: string): string {
  return model.replace(/^(?:NVIDIA|AMD|Intel) (?:GeForce |Radeon )?/, '');
}

/** `8 × RTX 4090`, model by model. */
export function formatGpus(gpus: readonly { readonly model?: string }[] | undefined): string {
  const counts = new Map<string, number>();
  for (const { model = 'unknown' } of gpus ?? []) {
    const name = shortName(model);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([model, count]) => `${count} × ${model}`.replaceAll(' ', '\u00a0')).join(', ') || 'no GPU';
}
