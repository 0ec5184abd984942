import { Badge, Group, Loader, Stack, Tabs, Text } from '@mantine/core';
import { CodeView, prettyJson } from '../../components/CodeView.tsx';
import { Empty } from '../../components/Empty.tsx';
import { ErrorPanel } from '../../components/ErrorPanel.tsx';
import { formatMs } from '../../format/format.ts';
import type { Answer, CallState } from './use-call.ts';

const longest = 200_000;

function Marks({ answer, durationMs }: { readonly answer: Answer | undefined; readonly durationMs: number }) {
  return (
    <Group gap={6}>
      <Badge variant="light" color="teal">
        resolved
      </Badge>
      {answer !== undefined && <Badge variant="outline">status {answer.status}</Badge>}
      {answer !== undefined && <Badge variant="outline">attempts: {answer.attempts}</Badge>}
      {answer?.requestId !== undefined && <Badge variant="outline">request id {answer.requestId}</Badge>}
      <Badge variant="outline" tt="none">
        {formatMs(durationMs)}
      </Badge>
    </Group>
  );
}

function Done({
  data,
  answer,
  durationMs,
}: {
  readonly data: unknown;
  readonly answer: Answer | undefined;
  readonly durationMs: number;
}) {
  return (
    <Stack gap="sm" data-testid="result">
      <Marks answer={answer} durationMs={durationMs} />
      <Tabs defaultValue="data">
        <Tabs.List mb="sm" aria-label="Form of the result">
          <Tabs.Tab value="data">Data</Tabs.Tab>
          <Tabs.Tab value="wire" disabled={answer === undefined}>
            On the wire
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="data">
          <CodeView label="Data" text={prettyJson(data).slice(0, longest)} height={480} />
        </Tabs.Panel>
        <Tabs.Panel value="wire">
          <CodeView label="On the wire" text={answer?.text.slice(0, longest) ?? ''} height={480} />
        </Tabs.Panel>
      </Tabs>
      <Text fz="xs" c="dimmed">
        Amounts of Wei are bigint. They are shown as text here, with every digit.
      </Text>
    </Stack>
  );
}

/** The result of a call. */
export function CallResult({ state, mayCost }: { readonly state: CallState; readonly mayCost: boolean }) {
  if (state.step === 'idle') return <Empty>Run a call to see its result, or its error.</Empty>;
  if (state.step === 'running') {
    return (
      <Group justify="center" py="xl" role="status">
        <Loader size="sm" aria-hidden />
        <Text fz="sm">In progress. The log at the bottom shows each attempt.</Text>
      </Group>
    );
  }
  if (state.step === 'failed') return <ErrorPanel error={state.error} mayCost={mayCost} />;
  return <Done data={state.data} answer={state.answer} durationMs={state.durationMs} />;
}
