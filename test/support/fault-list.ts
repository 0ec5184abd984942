/** Faults, by name. */
import { gzipSync } from 'node:zlib';
import type { Fault, FaultExchange } from './fault-server.ts';
import { httpAnswer } from './raw-server.ts';

/** A response that every call of these tests accepts. */
export const goodText = '{"uuid":"u-1","balance":1}';

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const half = goodText.slice(0, 12);
const halfOfLength = `${head}content-length: ${goodText.length}\r\n\r\n${half}`;
const halfChunked = `${head}transfer-encoding: chunked\r\n\r\n${half.length.toString(16)}\r\n${half}\r\n`;

/** Long enough for the other side to read earlier data, which a reset would discard. Unit: ms. */
const momentMs = 40;

function after(ms: number, act: () => void): void {
  setTimeout(act, ms);
}

/** Unassigned ports below the range of automatic ports, which fetch does not refuse. */
const deadPorts = [2, 4, 6, 8, 10, 12, 14, 16];
let deadUrls = 0;

/** The URL of a port on which no server listens; eight consecutive ones differ. */
export function deadUrl(): string {
  deadUrls++;
  return `http://127.0.0.1:${deadPorts[deadUrls % deadPorts.length]}`;
}

/** A fault that begins when a request has arrived. */
export function onRequest(name: string, requested: (exchange: FaultExchange) => void): Fault {
  return { name, requested };
}

/** The faults without arguments. */
export const faults = {
  ok: onRequest('ok', ({ socket }) => socket.write(httpAnswer(goodText))),
  refused: { name: 'refused', elsewhere: deadUrl },
  no_such_name: { name: 'no_such_name', elsewhere: () => 'http://octa-faults.invalid' },
  accept_rst: { name: 'accept_rst', connected: (socket) => socket.resetAndDestroy() },
  accept_fin: { name: 'accept_fin', connected: (socket) => socket.end() },
  tls_garbage: { name: 'tls_garbage', scheme: 'https', connected: (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n') },
  tls_selfsigned: { name: 'tls_selfsigned', scheme: 'https', tls: true },
  tls_hang: { name: 'tls_hang', scheme: 'https', connected: () => undefined },
  // The first bytes of a ServerHello whose rest never arrives.
  tls_half: {
    name: 'tls_half',
    scheme: 'https',
    connected: (socket) => socket.write(Buffer.from('160303007a020000760303', 'hex')),
  },
  reset_before_headers: onRequest('reset_before_headers', ({ socket }) => socket.resetAndDestroy()),
  fin_before_headers: onRequest('fin_before_headers', ({ socket }) => socket.end()),
  hang_headers: onRequest('hang_headers', () => undefined),
  partial_headers_fin: onRequest('partial_headers_fin', ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-ty')),
  partial_headers_hang: onRequest('partial_headers_hang', ({ socket }) =>
    socket.write('HTTP/1.1 200 OK\r\ncontent-ty'),
  ),
  garbage_status: onRequest('garbage_status', ({ socket }) => socket.end('SSH-2.0-OpenSSH_9.6\r\n\r\n')),
  // A stray line break, which lenient parsers treat as the end of the headers, and an empty line as the body.
  bad_header: onRequest('bad_header', ({ socket }) => socket.end(`${head}content-length: 2\r\nx-odd: \r\r\n\r\n`)),
  no_colon: onRequest('no_colon', ({ socket }) => socket.end(`${head}no colon here\r\n\r\n${goodText}`)),
  huge_header: onRequest('huge_header', ({ socket }) =>
    socket.end(httpAnswer(goodText, `${head}x-huge: ${'x'.repeat(100_000)}`)),
  ),
  reset_mid_body: onRequest('reset_mid_body', ({ socket }) => {
    socket.write(halfOfLength);
    after(momentMs, () => socket.resetAndDestroy());
  }),
  fin_mid_body_cl: onRequest('fin_mid_body_cl', ({ socket }) => socket.end(halfOfLength)),
  fin_mid_chunked: onRequest('fin_mid_chunked', ({ socket }) => socket.end(halfChunked)),
  reset_mid_chunked: onRequest('reset_mid_chunked', ({ socket }) => {
    socket.write(halfChunked);
    after(momentMs, () => socket.resetAndDestroy());
  }),
  eof_delimited_trunc: onRequest('eof_delimited_trunc', ({ socket }) => socket.end(`${head}\r\n${half}`)),
  hang_body: onRequest('hang_body', ({ socket }) => socket.write(halfOfLength)),
  bad_gzip: onRequest('bad_gzip', ({ socket }) => socket.write(httpAnswer(goodText, `${head}content-encoding: gzip`))),
  bad_brotli: onRequest('bad_brotli', ({ socket }) =>
    socket.write(httpAnswer(goodText, `${head}content-encoding: br`)),
  ),
  gzip_bomb: onRequest('gzip_bomb', ({ socket }) => {
    const packed = gzipSync(Buffer.alloc(8_000_000, ' '));
    socket.write(`${head}content-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`);
    socket.write(packed);
  }),
  too_long_body: onRequest('too_long_body', ({ socket }) =>
    socket.write(`${httpAnswer(goodText)}${httpAnswer('{"uuid":"u-2","balance":2}')}`),
  ),
  // It continues until the client disconnects.
  endless_body: onRequest('endless_body', ({ socket }) => {
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    const more = (): void => {
      while (!socket.destroyed && socket.write(`1000\r\n${' '.repeat(4096)}\r\n`));
    };
    socket.on('drain', more);
    more();
  }),
  html_200: onRequest('html_200', ({ socket }) =>
    socket.write(httpAnswer('<!doctype html><title>Sign in</title>', 'HTTP/1.1 200 OK\r\ncontent-type: text/html')),
  ),
  empty_200: onRequest('empty_200', ({ socket }) => socket.write(httpAnswer(''))),
  no_content: onRequest('no_content', ({ socket }) => socket.write('HTTP/1.1 204 No Content\r\n\r\n')),
  // Only a connection that has served a request is dead when the next one arrives.
  stale_rst: onRequest('stale_rst', ({ socket, nthOnSocket }) => {
    if (nthOnSocket > 1) socket.resetAndDestroy();
    else socket.write(httpAnswer(goodText));
  }),
  stale_fin: onRequest('stale_fin', ({ socket, nthOnSocket }) => {
    if (nthOnSocket > 1) socket.end();
    else socket.write(httpAnswer(goodText));
  }),
} as const satisfies Record<string, Fault>;

/** Any status, with headers and a body. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}, body = '{"message":"no"}'): Fault {
  const lines = Object.entries(headers).map(([name, value]) => `\r\n${name}: ${value}`);
  const top = `HTTP/1.1 ${code} As told${lines.join('')}`;
  const name = [`s${code}`, ...Object.entries(headers).map(([header, value]) => `${header} ${value}`)].join(', ');
  return onRequest(name, ({ socket }) => socket.write(httpAnswer(body, top)));
}

/** A success with this text as body. */
export function text(body: string): Fault {
  return onRequest(`200 ${body}`, ({ socket }) => socket.write(httpAnswer(body)));
}

/** A redirect. */
export function redirect(code: number, location: string): Fault {
  return { ...status(code, { location }, ''), name: `r${code}` };
}

/** A good response in slices of a number of bytes, one per interval in ms. */
export function trickle(body: string, bytes: number, everyMs: number): Fault {
  return onRequest(`${bytes === 1 ? 'a byte' : `${bytes} bytes`} every ${everyMs} ms`, ({ socket }) => {
    const whole = httpAnswer(body);
    let at = whole.length - body.length;
    socket.setNoDelay(true).write(whole.slice(0, at));
    const timer = setInterval(() => {
      if (at >= whole.length || socket.destroyed) return clearInterval(timer);
      socket.write(whole.slice(at, at + bytes));
      at += bytes;
    }, everyMs);
  });
}

/** A good response whose connection ends after a number of bytes, including the headers. */
export function cutAt(bytes: number): Fault {
  return onRequest(`cut at byte ${bytes}`, ({ socket }) => socket.end(httpAnswer(goodText).slice(0, bytes)));
}
