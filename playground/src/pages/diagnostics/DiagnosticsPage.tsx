import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { Navigate, useNavigate, useParams } from 'react-router';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Drifts } from './Drifts.tsx';
import { Explorer } from './Explorer.tsx';
import { Smoke } from './Smoke.tsx';
import { Transport } from './Transport.tsx';

const tabs: readonly (readonly [key: string, label: string, content: ReactNode])[] = [
  ['calls', 'Calls', <Explorer key="calls" />],
  ['smoke', 'Smoke', <Smoke key="smoke" />],
  ['transport', 'Transport', <Transport key="transport" />],
  ['drift', 'Drift', <Drifts key="drift" />],
];

/** Any call with its result, a check of all reads, and the state of the transport. */
export function DiagnosticsPage() {
  const { tab } = useParams();
  const navigate = useNavigate();
  if (tab === undefined || !tabs.some(([key]) => key === tab)) return <Navigate to="/diagnostics/calls" replace />;
  return (
    <>
      <PageHeader title="Diagnostics" calls={['transportStats()']}>
        Any call with its result, a check of all reads, and the state of the transport.
      </PageHeader>
      <Tabs value={tab} onChange={(key) => navigate(`/diagnostics/${key}`)} keepMounted={false}>
        <Tabs.List mb="md" aria-label="Diagnostics">
          {tabs.map(([key, label]) => (
            <Tabs.Tab key={key} value={key}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(([key, , content]) => (
          <Tabs.Panel key={key} value={key}>
            {content}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
