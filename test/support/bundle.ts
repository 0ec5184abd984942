/** Bundles the sources. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A bundled module. */
export interface Bundle {
  /** Size, minified and gzipped. Unit: bytes. */
  readonly bytes: number;
  /** Files in the bundle. */
  readonly inputs: readonly string[];
}

/** Bundles a module as if it were at the root of the repository. */
export async function bundleOf(contents: string): Promise<Bundle> {
  const built = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
  });
  const [file] = built.outputFiles;
  const [output] = Object.values(built.metafile.outputs);
  const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return {
    bytes: gzipSync(file?.contents ?? '').length,
    inputs: used.map(([name]) => name).filter((name) => name !== '<stdin>'),
  };
}
