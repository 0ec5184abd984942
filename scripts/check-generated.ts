/** Fails if generated/ is not exactly what the generator writes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from './generate.ts';

const folder = fileURLToPath(new URL('../generated', import.meta.url));
const wanted = await generate();
const present = existsSync(folder) ? readdirSync(folder) : [];
const stale = [...wanted].filter(
  ([name, text]) => !present.includes(name) || readFileSync(join(folder, name), 'utf8') !== text,
);
const extra = present.filter((name) => !wanted.has(name));

if (stale.length + extra.length > 0) {
  const names = [...stale.map(([name]) => name), ...extra.map((name) => `${name} (not generated)`)];
  console.error(`generated/ is not up to date with openapi/: ${names.join(', ')}. Run: npm run generate`);
  process.exitCode = 1;
} else {
  console.log(`generated/ is up to date with openapi/ (${wanted.size} files)`);
}
