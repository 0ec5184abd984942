/** An application in CommonJS with the transport of Node. */
const sdk = require('@octaspace/sdk');
const node = require('@octaspace/sdk/node');
const transport = require('./transport.cjs');

transport.run(sdk, node);
