/** Fills in which files of the spec refer to each entry of openapi/DRIFT.md. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../openapi/', import.meta.url));
const page = join(folder, 'DRIFT.md');

/** Files of the spec that refer to each number. */
export function placesInSpec(): Map<number, string[]> {
  const places = new Map<number, string[]>();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  for (const file of files.map((name) => name.replaceAll('\\', '/')).sort()) {
    const numbers = [...readFileSync(join(folder, file), 'utf8').matchAll(/x-octa-drift: \[([\d, ]+)\]/g)];
    for (const number of new Set(numbers.flatMap(([, list = '']) => list.split(',').map(Number)))) {
      places.set(number, [...(places.get(number) ?? []), file]);
    }
  }
  return places;
}

/** The page with the correct files in every entry. */
export function withPlaces(text: string, places: ReadonlyMap<number, readonly string[]>): string {
  const entries = text.split(/^(?=## \d+\. )/m);
  return entries
    .map((entry) => {
      const number = Number(/^## (\d+)\. /.exec(entry)?.[1]);
      const files = (places.get(number) ?? []).map((file) => `\`${file}\``).join(', ');
      return entry.replace(/^- \*\*In the spec:\*\* .*$/m, () => `- **In the spec:** ${files || 'nowhere'}`);
    })
    .join('');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, withPlaces(readFileSync(page, 'utf8'), placesInSpec()));
}
