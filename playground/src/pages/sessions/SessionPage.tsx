import { Anchor, Group, SimpleGrid, Stack } from '@mantine/core';
import type { ServiceInfo } from '@octaspace/sdk';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useParams } from 'react-router';
import { useDone } from '../../client/done.ts';
import { useMarketPrice } from '../../client/market.ts';
import { useOcta } from '../../client/octa.ts';
import { recordSpending } from '../../client/spending.ts';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Panel } from '../../components/Panel.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Snippet } from '../../components/Snippet.tsx';
import { StateBadge } from '../../components/StateBadge.tsx';
import { Access } from './Access.tsx';
import { GuardPanel } from './GuardPanel.tsx';
import { Logs } from './Logs.tsx';
import { ProgressPanel } from './ProgressPanel.tsx';
import { Receipt } from './Receipt.tsx';
import { Spending } from './Spending.tsx';
import { StopSession } from './StopSession.tsx';
import { stateOf } from './states.ts';

const pollIntervalMs = 1_000;

/** Polls the session every second until it has ended, and then reads the balance again. */
function useSession(uuid: string) {
  const { queries } = useOcta();
  const queryClient = useQueryClient();
  const session = useQuery({ ...queries.services.session(uuid).watch({ pollIntervalMs }), staleTime: 0 });
  const { data } = session;
  const ended = data !== undefined && stateOf(data) === 'ended';
  useEffect(() => {
    if (data !== undefined) recordSpending(data);
  }, [data]);
  useEffect(() => {
    if (!ended) return;
    void queryClient.invalidateQueries({ queryKey: queries.accounts.key });
    void queryClient.invalidateQueries({ queryKey: queries.sessions.key });
  }, [ended, queryClient, queries]);
  return session;
}

/** The code of what was done last to the session in this page, if anything was. */
function JustDone({ uuid }: { readonly uuid: string }) {
  const code = useDone(uuid);
  if (code === undefined) return null;
  return (
    <Panel title="Your code">
      <Snippet title="This is what you just did" code={code} />
    </Panel>
  );
}

function Parts({ info }: { readonly info: ServiceInfo }) {
  const marketPrice = useMarketPrice();
  const price = marketPrice ?? info.prices?.market_price;
  const ended = stateOf(info) === 'ended';
  return (
    <Stack>
      {ended && <Receipt info={info} marketPrice={price} />}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <ProgressPanel info={info} />
        <Spending info={info} marketPrice={price} />
      </SimpleGrid>
      {!ended && (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Access info={info} />
          <GuardPanel uuid={info.uuid} />
        </SimpleGrid>
      )}
      <JustDone uuid={info.uuid} />
      <Logs uuid={info.uuid} ended={ended} />
    </Stack>
  );
}

/** One session: its progress, charge, logs and end. */
export function SessionPage() {
  const { uuid = '' } = useParams();
  const session = useSession(uuid);
  const { data } = session;
  const ended = data !== undefined && stateOf(data) === 'ended';
  return (
    <>
      <Anchor component={Link} to={ended ? '/sessions/recent' : '/sessions/active'} fz="sm">
        All sessions
      </Anchor>
      <PageHeader
        title={`Session ${uuid.slice(0, 8)}`}
        calls={['session.watch()', 'session.logs()', 'session.stop({ score })', 'session.guard()']}
        actions={
          <Group gap="xs" wrap="nowrap">
            {data !== undefined && <StateBadge state={stateOf(data)} />}
            {data !== undefined && !ended && <StopSession uuid={uuid} />}
          </Group>
        }
      />
      <QueryView query={session} height={560}>
        {(info) => <Parts info={info} />}
      </QueryView>
    </>
  );
}
