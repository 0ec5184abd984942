import { Anchor, Stack, Text } from '@mantine/core';
import { type ServiceInfo, sshCommand, toJson } from '@octaspace/sdk';
import { CodeView } from '../../components/CodeView.tsx';
import { Copied } from '../../components/Copied.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Panel } from '../../components/Panel.tsx';

/** The command for one address; undefined if there is none, or if it is not valid. */
function commandFor(info: Parameters<typeof sshCommand>[0]): string | undefined {
  try {
    return sshCommand(info);
  } catch {
    return undefined;
  }
}

/** Whether a URL of the API may be a link. Only pages of other sites are allowed, so that a link can neither run a script nor act as this page. */
function isLink(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, origin } = new URL(url);
  return /^https?:$/.test(protocol) && origin !== window.location.origin;
}

function configOf({ config }: ServiceInfo): string | undefined {
  if (config === undefined || config === '') return undefined;
  return typeof config === 'string' ? config : toJson(config);
}

/** How to use a session that is ready. */
export function Access({ info }: { readonly info: ServiceInfo }) {
  const direct = commandFor({ ssh_direct: info.ssh_direct });
  const proxied = commandFor({ ssh_proxy: info.ssh_proxy });
  const urls = Object.entries(info.urls ?? {});
  const config = configOf(info);
  const nothing = direct === undefined && proxied === undefined && urls.length === 0 && config === undefined;
  return (
    <Panel title="Access">
      {nothing && <Empty>The addresses appear here once the session is ready.</Empty>}
      <Stack gap="xs">
        {direct !== undefined && <Copied text={direct} label="the command for SSH" />}
        {proxied !== undefined && <Copied text={proxied} label="the command for SSH through the proxy" />}
        {urls.map(([port, url]) => (
          <Text key={port} fz="sm">
            Port {port}:{' '}
            {isLink(url) ? (
              <Anchor href={url} target="_blank" rel="noreferrer" fz="sm">
                {url}
              </Anchor>
            ) : (
              url
            )}
          </Text>
        ))}
        {config !== undefined && <CodeView label="Configuration" text={config} height={220} />}
      </Stack>
    </Panel>
  );
}
