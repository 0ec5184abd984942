/** Claims leases of a ledger as fast as it can, and prints which it got; a process of its own. */
import { fileLedger } from '../../../../src/node/index.ts';

const [folder = '', owner = '', startAt = '0', ...ids] = process.argv.slice(2);
const ledger = fileLedger(folder);
while (Date.now() < Number(startAt)) await new Promise((resolve) => setImmediate(resolve));
const won = await Promise.all(ids.map(async (id) => ((await ledger.claim(id, 'dead', owner)) ? [id] : [])));
process.stdout.write(JSON.stringify(won.flat()));
