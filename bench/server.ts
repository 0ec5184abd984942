/** A server that returns the same small JSON for every request, in its own process, so that it takes no time from the client. */
import { createServer } from 'node:http';

const text = '{"balance":5000000000000000,"currency":"OCTA"}';
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };

const server = createServer((_, response) => response.writeHead(200, headers).end(text));
// Connections must stay open while another side is measured.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
});
process.on('disconnect', () => process.exit());
