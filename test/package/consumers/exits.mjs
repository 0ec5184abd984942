/** An application of ES modules that leaves a session behind, and has it stopped by the child that comes with the package. */
import { OctaClient } from '@octaspace/sdk';
import { stopOnExit } from '@octaspace/sdk/node';

const client = OctaClient.fromEnv();
stopOnExit(client, { reaper: true });
const [machine] = await client.services.mr.available();
await client.services.mr.start({ node_id: machine.node_id, disk_size: 10, image: 'ubuntu:24.04' });
process.exit(0);
