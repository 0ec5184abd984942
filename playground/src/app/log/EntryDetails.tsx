import { Drawer, Stack, Text } from '@mantine/core';
import type { JournalEntry } from '../../client/journal.ts';
import { CodeView } from '../../components/CodeView.tsx';
import { Facts } from '../../components/Facts.tsx';
import { formatMs, formatText, formatTime } from '../../format/format.ts';
import { StatusText } from './StatusText.tsx';

function linesOf(headers: Readonly<Record<string, string>> = {}): string {
  return (
    Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n') || 'none'
  );
}

function Details({ entry }: { readonly entry: JournalEntry }) {
  const { operation, method, url, attempt, startedAt, durationMs, requestId, error, requestBody } = entry;
  return (
    <Stack>
      <Facts
        cols={2}
        facts={[
          ['Operation', operation],
          ['Method', method],
          ['URL', url],
          ['Attempt', attempt],
          ['Status', <StatusText key="status" entry={entry} />],
          ['Took', formatMs(durationMs)],
          ['Started (UTC)', formatTime(startedAt)],
          ['Request id', formatText(requestId)],
        ]}
      />
      {error !== undefined && <Text fz="sm">{error.message}</Text>}
      <Text fz="sm" fw={600}>
        Headers of the request, without the API key
      </Text>
      <CodeView label="Headers of the request" text={linesOf(entry.requestHeaders)} height={160} />
      {requestBody !== undefined && <CodeView label="Body of the request" text={requestBody} height={240} />}
      <Text fz="sm" fw={600}>
        Headers of the response
      </Text>
      <CodeView label="Headers of the response" text={linesOf(entry.responseHeaders)} height={160} />
    </Stack>
  );
}

/** All details of one attempt. */
export function EntryDetails({
  entry,
  onClose,
}: {
  readonly entry: JournalEntry | undefined;
  readonly onClose: () => void;
}) {
  return (
    <Drawer
      opened={entry !== undefined}
      onClose={onClose}
      position="right"
      title={entry === undefined ? '' : `${entry.method} ${entry.path}`}
    >
      {entry !== undefined && <Details entry={entry} />}
    </Drawer>
  );
}
