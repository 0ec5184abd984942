/** Tools that operate the nodes of the account, and create wallets. Only with --allow operator. */
import { generateWallet, listNodes, rebootNode } from '../../../generated/operations.ts';
import type { Zod } from './sdk.ts';
import { type Tool, tool } from './tool.ts';
import { known, nameText } from './values.ts';

function nodeInput(z: Zod) {
  return z.number().int().min(0).describe('Node of the account, from list_my_nodes.');
}

function listTool(z: Zod): Tool {
  return tool(z, {
    name: 'list_my_nodes',
    title: 'List own nodes',
    description: 'Lists the nodes that the account operates.',
    operations: [listNodes],
    input: {},
    output: {
      nodes: z.array(
        z.strictObject({
          node_id: z.number().int(),
          state: z.string().optional(),
          uptime_seconds: z.number().optional(),
        }),
      ),
    },
    untrusted: ['nodes[].state'],
    run: async (_, { client, signal }) => {
      const nodes = await client.nodes.list({ signal });
      return {
        nodes: nodes.slice(0, 200).map(({ id, state, uptime }) => {
          return known({ node_id: id, state: nameText(state), uptime_seconds: uptime });
        }),
      };
    },
  });
}

function rebootTool(z: Zod): Tool {
  return tool(z, {
    name: 'reboot_node',
    title: 'Reboot a node',
    description: 'Reboots a node of the account. This interrupts sessions on it. Ask the user first.',
    operations: [rebootNode],
    input: { node_id: nodeInput(z) },
    output: { node_id: z.number().int() },
    untrusted: [],
    run: async ({ node_id }, { client, signal }) => {
      await client.nodes.reboot(node_id, { signal });
      return { node_id };
    },
  });
}

function walletTool(z: Zod): Tool {
  return tool(z, {
    name: 'generate_wallet',
    title: 'Generate a wallet',
    description: 'Generates a new deposit wallet for the account, which replaces the current one. Ask the user first.',
    operations: [generateWallet],
    input: {},
    output: { address: z.string().optional(), network: z.string().optional() },
    untrusted: ['address', 'network'],
    run: async (_, { client, signal }) => {
      const { address, wallet, network } = await client.accounts.generateWallet({ signal });
      return known({ address: nameText(address ?? wallet), network: nameText(network) });
    },
  });
}

/** Tools that operate the nodes of the account, and create wallets. */
export function operatorTools(z: Zod): Tool[] {
  return [listTool(z), rebootTool(z), walletTool(z)];
}
