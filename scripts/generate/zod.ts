/** Zod schemas of decoded values, written by the generator of Hey API in the form that bundles small (`zod/mini`). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';
import type { Spec } from './spec.ts';
import { bigintFormat, decodedModels } from './zod-spec.ts';
import { typeNames, withTypes } from './zod-types.ts';

/** A document that contains only schemas. */
function documentOf(spec: Spec): Record<string, unknown> {
  const info = { title: 'Decoded values', version: '1' };
  return { openapi: '3.1.0', info, paths: {}, components: { schemas: decodedModels(spec) } };
}

/** Converts the generator's output: adds explicit types, and marks every call as free of side effects, so that bundlers can remove schemas. */
function polished(source: string, spec: Spec): string {
  return (
    withTypes(source, spec)
      .replace(/^\/\/.*\n+/, '')
      .replace(/^import .* from 'zod\/mini';\n/m, (line) => `${line}\n${typeNames}`)
      // Keep only the first sentence, and how a body differs from the argument of a method.
      .replace(
        /\/\*\*\n \* (.*?[.;])(?: .*?)??( As it is sent;.*)?\n \*\/\n/g,
        (_, sentence: string, asSent = '') => `/** ${sentence.replace(/;$/, '.')}${asSent} */\n`,
      )
      .replace(/\bz\.[a-z]\w*\(/g, '/* @__PURE__ */ $&')
  );
}

async function write(document: Record<string, unknown>, folder: string): Promise<void> {
  await createClient({
    input: { path: document },
    output: { path: folder, tsConfigPath: null },
    logs: { level: 'silent', file: false },
    plugins: [
      {
        name: 'zod',
        compatibilityVersion: 'mini',
        definitions: { name: '{{name}}Schema', case: 'preserve' },
        '~resolvers': {
          number: ({ $, nodes, schema, symbols: { z } }) => {
            if (schema.format === bigintFormat) nodes.base = () => $(z).attr('bigint').call();
            return undefined;
          },
          // Responses may have unknown fields, and keep them.
          object: (context) => {
            const { $, nodes, schema, symbols } = context;
            if (schema.properties === undefined) return undefined;
            return $(symbols.z).attr('looseObject').call(nodes.shape(context));
          },
        },
      },
    ],
  });
}

/** Source of generated/zod.ts. */
export async function zodSource(spec: Spec): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'octaspace-zod-'));
  try {
    await write(documentOf(spec), folder);
    return polished(readFileSync(join(folder, 'zod.gen.ts'), 'utf8'), spec);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
