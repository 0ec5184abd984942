/** An application in ES modules with the transport of Node. */
import * as sdk from '@octaspace/sdk';
import * as node from '@octaspace/sdk/node';
import transport from './transport.cjs';

await transport.run(sdk, node);
