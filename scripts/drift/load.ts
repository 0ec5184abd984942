/** Reads a description of an API: Swagger 2.0 or OpenAPI 3.x, as JSON or YAML, from a file or a URL. */
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';

/** A field of parsed JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** A description cannot be read; the message says why. */
export class Unreadable extends Error {}

const longestWaitMs = 30_000;

/** The fields of an object; empty for anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(longestWaitMs) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}

async function textOf(source: string): Promise<string> {
  try {
    return /^https?:\/\//i.test(source) ? await fetchText(source) : readFileSync(source, 'utf8');
  } catch (cause) {
    throw new Unreadable(`${source} cannot be read: ${reason(cause)}`, { cause });
  }
}

/** Parses the text of a description. Throws Unreadable if it is not a description of an API. */
export function parseDescription(written: string, source: string): Fields {
  // Some editors write a byte order mark, which is not valid JSON.
  const text = written.replace(/^\ufeff/, '');
  let document: Fields;
  try {
    document = fieldsOf(text.trimStart().startsWith('{') ? JSON.parse(text) : parseYaml(text));
  } catch (cause) {
    throw new Unreadable(`${source} is neither JSON nor YAML: ${reason(cause)}`, { cause });
  }
  const described = String(document.swagger ?? document.openapi ?? '');
  if (!/^(?:2\.0|3\.\d+(?:\.\d+)?|2|3)$/.test(described)) {
    throw new Unreadable(
      `${source} is not a description of an API: it has neither "swagger": "2.0" nor "openapi": "3.…"`,
    );
  }
  if (Object.keys(fieldsOf(document.paths)).length === 0) throw new Unreadable(`${source} describes no paths`);
  return document;
}

/** Loads a description. Throws Unreadable. */
export async function loadDescription(source: string): Promise<Fields> {
  return parseDescription(await textOf(source), source);
}
