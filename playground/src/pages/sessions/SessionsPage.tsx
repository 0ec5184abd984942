import { Anchor, Button, Tabs, Tooltip } from '@mantine/core';
import { formatOcta, type Session } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { useOcta } from '../../client/octa.ts';
import { type Column, DataTable } from '../../components/DataTable.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { absent, formatSeconds, formatText, formatTime, formatWei } from '../../format/format.ts';
import { StopAll } from './StopAll.tsx';
import { endOf } from './states.ts';

const numberOf = (wei: bigint | undefined) => (wei === undefined ? undefined : Number(wei));

const shared: readonly Column<Session>[] = [
  {
    key: 'uuid',
    label: 'Session',
    show: ({ uuid }) => (
      <Anchor component={Link} to={`/sessions/${uuid}`} fz="sm" ff="monospace">
        {uuid.slice(0, 8)}
      </Anchor>
    ),
  },
  {
    key: 'service',
    label: 'Service',
    show: ({ service, kind }) => service || kind || absent,
    sortBy: ({ service }) => service,
  },
  {
    key: 'node',
    label: 'Node',
    numeric: true,
    show: ({ node_id }) => node_id ?? absent,
    sortBy: ({ node_id }) => node_id,
  },
  { key: 'app', label: 'App', show: ({ app_name }) => formatText(app_name), sortBy: ({ app_name }) => app_name },
  {
    key: 'started',
    label: 'Started (UTC)',
    show: ({ started_at }) => formatTime(started_at),
    sortBy: ({ started_at }) => started_at,
  },
  {
    key: 'duration',
    label: 'Duration',
    numeric: true,
    show: ({ duration }) => formatSeconds(duration),
    sortBy: ({ duration }) => duration,
  },
  {
    key: 'charge',
    label: 'Charge, OCTA',
    numeric: true,
    show: ({ charge_amount }) =>
      charge_amount === undefined ? (
        absent
      ) : (
        <Tooltip label={`${formatWei(charge_amount)} Wei`}>
          <span>{formatOcta(charge_amount, 6)}</span>
        </Tooltip>
      ),
    sortBy: ({ charge_amount }) => numberOf(charge_amount),
  },
];

const state: Column<Session> = {
  key: 'progress',
  label: 'Progress',
  show: ({ progress }) => formatText(progress),
  sortBy: ({ progress }) => progress,
};
const ending: Column<Session> = {
  key: 'end',
  label: 'End',
  show: (session) => endOf(session),
  sortBy: ({ termination_reason }) => termination_reason,
};

function textOf({ uuid, service = '', kind = '', node_id = 0, app_name = '', progress = '' }: Session): string {
  return [uuid, service, kind, node_id, app_name, progress].join(' ');
}

function List({ recent }: { readonly recent: boolean }) {
  const { queries } = useOcta();
  const sessions = useQuery({ ...queries.sessions.list(recent ? { recent } : {}), refetchInterval: 3_000 });
  return (
    <QueryView
      query={sessions}
      height={260}
      empty={recent ? 'No session has ended recently.' : 'Nothing is rented. To rent, go to Services.'}
    >
      {(rows) => (
        <DataTable
          label="Sessions"
          rows={rows}
          columns={[...shared, recent ? ending : state]}
          keyOf={({ uuid }) => uuid}
          textOf={textOf}
          initial={{ key: 'started', descending: true }}
        />
      )}
    </QueryView>
  );
}

/** The sessions that the account rents now, or rented recently. */
export function SessionsPage({ recent }: { readonly recent: boolean }) {
  const navigate = useNavigate();
  return (
    <>
      <PageHeader
        title="Sessions"
        calls={[recent ? 'sessions.list({ recent: true })' : 'sessions.list()', 'sessions.stopAll()']}
        actions={
          recent ? (
            <Button component={Link} to="/services">
              Rent
            </Button>
          ) : (
            <StopAll />
          )
        }
      >
        The sessions that the account rents now, or rented recently.
      </PageHeader>
      <Tabs
        value={recent ? 'recent' : 'active'}
        onChange={(value) => navigate(`/sessions/${value}`)}
        keepMounted={false}
      >
        <Tabs.List mb="md" aria-label="Which sessions">
          <Tabs.Tab value="active">Active</Tabs.Tab>
          <Tabs.Tab value="recent">Recent</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="active">
          <List recent={false} />
        </Tabs.Panel>
        <Tabs.Panel value="recent">
          <List recent />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
