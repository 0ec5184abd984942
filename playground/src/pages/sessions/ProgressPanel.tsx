import { Progress, Stack, Text } from '@mantine/core';
import type { ServiceInfo } from '@octaspace/sdk';
import { Facts } from '../../components/Facts.tsx';
import { Panel } from '../../components/Panel.tsx';
import { absent, formatBytes, formatPlace, formatSeconds, formatText, formatTime } from '../../format/format.ts';
import { endOf, percentOf, stateOf } from './states.ts';

function wordsFor(info: ServiceInfo): string {
  const state = stateOf(info);
  if (state === 'ended') return `Ended: ${endOf(info)}`;
  return formatText(info.progress);
}

/** The progress of a session. */
export function ProgressPanel({ info }: { readonly info: ServiceInfo }) {
  const { service, kind, node_id, duration, started_at, rx, tx, app_name } = info;
  const state = stateOf(info);
  const percent = percentOf(info);
  const color = { starting: 'blue', ready: 'teal', ended: 'gray' }[state];
  return (
    <Panel title="Progress">
      <Stack>
        <div>
          <Text fz="sm" fw={600} mb={6} aria-live="polite" data-testid="progress">
            {wordsFor(info)}
          </Text>
          <Progress.Root size="lg" transitionDuration={300}>
            <Progress.Section
              value={percent}
              color={color}
              animated={state === 'starting'}
              striped={state === 'starting'}
              aria-label="Progress of the start"
            />
          </Progress.Root>
        </div>
        <Facts
          cols={2}
          facts={[
            ['Service', [service, kind].filter(Boolean).join(', ') || absent],
            ['Node', node_id ?? absent],
            ['App', formatText(app_name)],
            ['Place', formatPlace(info)],
            ['Started (UTC)', formatTime(started_at)],
            ['Running for', formatSeconds(duration)],
            ['Received', formatBytes(rx)],
            ['Sent', formatBytes(tx)],
          ]}
        />
      </Stack>
    </Panel>
  );
}
