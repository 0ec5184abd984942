import { Tabs } from '@mantine/core';
import type { SystemLogEntry } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { useOcta } from '../../client/octa.ts';
import { CodeView } from '../../components/CodeView.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Panel } from '../../components/Panel.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { formatTime } from '../../format/format.ts';

function lineOf({ ts, msg = '' }: SystemLogEntry): string {
  return `${formatTime(ts)}  ${msg}`;
}

function LogText({ text, label }: { readonly text: string; readonly label: string }) {
  return text.trim() === '' ? (
    <Empty>There are no log lines yet.</Empty>
  ) : (
    <CodeView label={label} text={text} height={280} />
  );
}

/** The logs of the system and of the container, polled while the session runs. */
export function Logs({ uuid, ended }: { readonly uuid: string; readonly ended: boolean }) {
  const { queries } = useOcta();
  const query = queries.services.session(uuid).logs(ended ? { recent: true } : {});
  const logs = useQuery({ ...query, refetchInterval: ended ? false : 2_000 });
  return (
    <Panel title="Logs">
      <QueryView query={logs} height={220}>
        {({ system, container = '' }) => (
          <Tabs defaultValue="system">
            <Tabs.List mb="sm" aria-label="Whose log">
              <Tabs.Tab value="system">System</Tabs.Tab>
              <Tabs.Tab value="container">Container</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="system">
              <LogText label="Log of the system" text={system.map(lineOf).join('\n')} />
            </Tabs.Panel>
            <Tabs.Panel value="container">
              <LogText label="Log of the container" text={container} />
            </Tabs.Panel>
          </Tabs>
        )}
      </QueryView>
    </Panel>
  );
}
