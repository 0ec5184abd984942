import { describe, expect, test } from 'vitest';
import { LinePages, type Page, pageOf } from '../../../../src/cli/mcp/log-pages.ts';

function textOf({ lines }: Page): string[] {
  return lines.map(({ text }) => text);
}

describe('Pages of a log that the API gives in full', () => {
  test('give every line once, with a bound on lines and characters.', () => {
    const all = Array.from({ length: 450 }, (_, index) => `line ${index}`);
    const logs = { system: [{ msg: 'pulled\n' }, { msg: 'started' }], container: `${all.join('\n')}\n` };
    const texts: string[] = [];
    let cursor: string | undefined;
    const sizes: number[] = [];
    for (let more = true; more; ) {
      const page = pageOf(logs, cursor, false);
      texts.push(...textOf(page));
      sizes.push(page.lines.length);
      ({ cursor, more } = page);
    }
    expect(texts).toEqual(['pulled', 'started', ...all]);
    expect(sizes).toEqual([200, 200, 52]);
    expect(pageOf(logs, cursor, false).lines).toEqual([]);
    const long = pageOf({ system: [], container: `${'x'.repeat(3_000)}\n`.repeat(20) }, undefined, false);
    expect(long.lines.length).toBe(7);
    expect(long.lines[0]?.text).toBe(`${'x'.repeat(2_000)}…`);
  });

  test('leave a line that has not ended for later, unless the session is over.', () => {
    const first = pageOf({ system: [], container: 'one\ntw' }, undefined, false);
    expect(textOf(first)).toEqual(['one']);
    expect(textOf(pageOf({ system: [], container: 'one\ntwo\n' }, first.cursor, false))).toEqual(['two']);
    const last = pageOf({ system: [], container: 'one\ntw' }, first.cursor, true);
    expect(textOf(last)).toEqual(['tw']);
    expect(pageOf({ system: [], container: 'one\ntw' }, last.cursor, true)).toMatchObject({ lines: [], more: false });
  });

  test('begin again when the log is shorter than it was, and say so.', () => {
    const { cursor } = pageOf({ system: [], container: 'a long line\n' }, undefined, false);
    expect(pageOf({ system: [], container: 'new\n' }, cursor, false)).toMatchObject({
      gap: true,
      lines: [{ source: 'container', text: 'new' }],
    });
  });

  test('have nothing that a terminal obeys, and a wrong cursor is named.', () => {
    const page = pageOf({ system: [{ msg: 'a\u001b[2Jb' }], container: 'c\r\n' }, undefined, false);
    expect(textOf(page)).toEqual(['a\\u001b[2Jb', 'c']);
    expect(() => pageOf({ system: [] }, 'j5', false)).toThrow('cursor is "j5"; pass the cursor of the last result');
  });
});

test('Pages of a job drop the oldest lines at last, and say so.', () => {
  const pages = new LinePages();
  pages.add({ source: 'system', text: 'first' });
  expect(pages.page(undefined)).toEqual({
    lines: [{ source: 'system', text: 'first' }],
    cursor: 'j1',
    more: false,
    gap: false,
  });
  for (let index = 0; index < 1_200; index++) pages.add({ source: 'container', text: 'x'.repeat(2_000) });
  expect(pages.page('j1')).toMatchObject({ gap: true, more: true });
  expect(() => pages.page('s0c0')).toThrow('cursor is "s0c0"');
});
