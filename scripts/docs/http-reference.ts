/** The reference of the HTTP API, from the description of it. */
import { join } from 'node:path';
import { node } from '../package/run.ts';

/** The page of it, from the root of the site. */
export const httpPage = 'http-api.html';

/** Writes it as one page that loads nothing from elsewhere. */
export async function writeHttpReference(site: string): Promise<void> {
  const page = join(site, httpPage);
  const given = ['build-docs', 'octaspace', '--inlineBundle', '--title', 'OctaSpace HTTP API', '--output', page];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  await node('@redocly/cli/bin/cli.js', given, { env });
}
