/** The command for SSH, and what a shell makes of it. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { OctaResponseError, sshCommand } from '../../src/index.ts';

const direct = (host: string, port = 22) => ({ ssh_direct: { host, port } });

/** The words that a shell makes of a command. */
function wordsOf(command: string): string[] {
  const script = `set -- ${command}; for word; do printf '%s\\n' "$word"; done`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n');
}

describe('The command connects', () => {
  test.each([
    '198.51.100.84',
    'node-7.octa.computer',
    'node_7',
    'xn--bcher-kva.example.',
    '2001:db8::1',
    '::1',
    '::ffff:198.51.100.84',
  ])('to %s, and is four words for a shell.', (host) => {
    const command = sshCommand(direct(host, 28500));
    expect(wordsOf(String(command))).toEqual(['ssh', '-p', '28500', `root@${host}`]);
  });

  test('by the address of the session, or else by the proxy.', () => {
    const proxy = { host: 'proxy.test', port: 2200 };
    expect(sshCommand({ ...direct('a.test'), ssh_proxy: proxy })).toBe('ssh -p 22 root@a.test');
    expect(sshCommand({ ...direct('', 22), ssh_proxy: proxy })).toBe('ssh -p 2200 root@proxy.test');
    expect(sshCommand({ ssh_direct: { host: 'a.test', port: 0 }, ssh_proxy: proxy })).toBe(
      'ssh -p 2200 root@proxy.test',
    );
  });

  test('not at all while there is no address.', () => {
    for (const info of [{}, { ssh_direct: {} }, direct('', 0), { ssh_proxy: { port: 22 } }]) {
      expect(sshCommand(info)).toBeUndefined();
    }
  });
});

test.each<[host: string, port?: number]>([
  ['h;touch x'],
  ['h touch'],
  ['$(touch x)'],
  ['`touch x`'],
  ['h\ntouch x'],
  ['h|x'],
  ["h'"],
  ['h"'],
  ['-oProxyCommand=x'],
  ['h&'],
  ['h>x'],
  ['bücher.example'],
  ['a..b'],
  ['[::1]'],
  [':'],
  ['a:b'],
  ['x'.repeat(254)],
  ['h', 65_536],
  ['h', 22.5],
  ['h', -1],
])('The address %j, port %j, is refused.', (host, port = 22) => {
  expect(() => sshCommand(direct(host, port))).toThrow(OctaResponseError);
});

test('A port that is a string is refused.', () => {
  const info = { ssh_direct: { host: 'h', port: '22; touch x' as unknown as number } };
  expect(() => sshCommand(info)).toThrow(OctaResponseError);
});
