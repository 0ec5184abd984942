import { Anchor, Stack, Text } from '@mantine/core';
import type { ServiceInfo, SshAccess } from '@octaspace/sdk';
import { toJson } from '@octaspace/sdk';
import { CodeView } from '../../components/CodeView.tsx';
import { Copied } from '../../components/Copied.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Panel } from '../../components/Panel.tsx';

/** The command that leads there; undefined while there is no way. */
function sshCommand({ host, port }: SshAccess = {}): string | undefined {
  return host === undefined || host === '' || !port ? undefined : `ssh -p ${port} root@${host}`;
}

function configOf({ config }: ServiceInfo): string | undefined {
  if (config === undefined || config === '') return undefined;
  return typeof config === 'string' ? config : toJson(config);
}

/** How a session that is ready can be used. */
export function Access({ info }: { readonly info: ServiceInfo }) {
  const direct = sshCommand(info.ssh_direct);
  const proxied = sshCommand(info.ssh_proxy);
  const urls = Object.entries(info.urls ?? {});
  const config = configOf(info);
  const nothing = direct === undefined && proxied === undefined && urls.length === 0 && config === undefined;
  return (
    <Panel title="Access">
      {nothing && <Empty>There is a way in once it is ready.</Empty>}
      <Stack gap="xs">
        {direct !== undefined && <Copied text={direct} label="the command for SSH" />}
        {proxied !== undefined && <Copied text={proxied} label="the command for SSH by proxy" />}
        {urls.map(([port, url]) => (
          <Text key={port} fz="sm">
            Port {port}:{' '}
            <Anchor href={url} target="_blank" rel="noreferrer" fz="sm">
              {url}
            </Anchor>
          </Text>
        ))}
        {config !== undefined && <CodeView label="Configuration" text={config} height={220} />}
      </Stack>
    </Panel>
  );
}
