import { Button, Group, Modal, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Account, OctaClient } from '@octaspace/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { codeOf } from '../client/code.ts';
import { useMarketPrice } from '../client/market.ts';
import { useOcta } from '../client/octa.ts';
import { Amount } from '../components/Amount.tsx';
import { Copied } from '../components/Copied.tsx';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { Facts } from '../components/Facts.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { Snippet } from '../components/Snippet.tsx';
import { formatCount, formatText } from '../format/format.ts';

const generateWallet = (client: OctaClient) => client.accounts.generateWallet();

function Wallet({ onClose }: { readonly onClose: () => void }) {
  const { client, queries } = useOcta();
  const queryClient = useQueryClient();
  const generate = useMutation({
    mutationFn: async () => generateWallet(client),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.accounts.key }),
  });
  const { data, error } = generate;
  const address = data?.address ?? data?.wallet;
  return (
    <Stack>
      <Text fz="sm">
        Each call creates a new deposit address, so the SDK does not retry it. What was paid to an older address is a
        matter of the API.
      </Text>
      <Snippet code={codeOf(generateWallet)} />
      {error !== null && <ErrorPanel error={error} mayCost />}
      {data !== undefined && <Copied text={formatText(address)} label="the new address" />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button loading={generate.isPending} onClick={() => generate.mutate()} disabled={data !== undefined}>
          Generate
        </Button>
      </Group>
    </Stack>
  );
}

function Details({ account }: { readonly account: Account }) {
  const { account_uuid, email, uid, ref_code, wallet } = account;
  return (
    <Panel title="Details">
      <Facts
        cols={2}
        facts={[
          ['Email', email],
          ['Number', formatCount(uid)],
          ['UUID', <Copied key="uuid" text={account_uuid} label="the UUID" />],
          ['Referral code', formatText(ref_code)],
          ['Deposit address', wallet ? <Copied key="wallet" text={wallet} label="the address" /> : 'none yet'],
        ]}
      />
    </Panel>
  );
}

function BalancePanel() {
  const { queries } = useOcta();
  const balance = useQuery({ ...queries.accounts.balance(), refetchInterval: 5_000 });
  const marketPrice = useMarketPrice();
  return (
    <Panel title="Balance">
      <QueryView query={balance} height={100}>
        {({ balance: wei }) =>
          wei === undefined ? (
            <Text>The API sent it in an unreadable form.</Text>
          ) : (
            <Amount wei={wei} marketPrice={marketPrice} size="xl" />
          )
        }
      </QueryView>
    </Panel>
  );
}

/** The account that the key belongs to. */
export function AccountPage() {
  const { queries } = useOcta();
  const account = useQuery(queries.accounts.get());
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <PageHeader
        title="Account"
        calls={['accounts.get()', 'accounts.balance()', 'accounts.generateWallet()']}
        actions={<Button onClick={open}>New wallet</Button>}
      >
        The account that the key belongs to.
      </PageHeader>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <BalancePanel />
        <QueryView query={account} height={190}>
          {(found) => <Details account={found} />}
        </QueryView>
      </SimpleGrid>
      <Modal opened={opened} onClose={close} title="Generate a wallet">
        <Wallet onClose={close} />
      </Modal>
    </>
  );
}
