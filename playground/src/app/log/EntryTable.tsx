import { Box, Table, UnstyledButton } from '@mantine/core';
import type { JournalEntry } from '../../client/journal.ts';
import { Empty } from '../../components/Empty.tsx';
import { formatMs } from '../../format/format.ts';
import { StatusText } from './StatusText.tsx';

interface EntryTableProps {
  readonly entries: readonly JournalEntry[];
  /** Unit: px. */
  readonly height: number;
  readonly onSelect: (id: number) => void;
}

function Row({ entry, onSelect }: { readonly entry: JournalEntry } & Pick<EntryTableProps, 'onSelect'>) {
  const { id, startedAt, method, path, attempt, operation, durationMs } = entry;
  return (
    <Table.Tr data-operation={operation}>
      <Table.Td visibleFrom="sm">{new Date(startedAt).toLocaleTimeString('en-GB')}</Table.Td>
      <Table.Td>{method}</Table.Td>
      <Table.Td>
        <UnstyledButton
          fz="xs"
          ff="monospace"
          td="underline"
          onClick={() => onSelect(id)}
          aria-label={`Details of ${method} ${path}`}
        >
          {path}
        </UnstyledButton>
      </Table.Td>
      <Table.Td ta="right">{attempt}</Table.Td>
      <Table.Td>
        <StatusText entry={entry} />
      </Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
        {formatMs(durationMs)}
      </Table.Td>
    </Table.Tr>
  );
}

/** Attempts, the newest first. */
export function EntryTable({ entries, height, onSelect }: EntryTableProps) {
  if (entries.length === 0) return <Empty>Nothing was sent yet.</Empty>;
  return (
    // A scrollable area must be reachable by keyboard.
    <Box h={height} style={{ overflow: 'auto' }} tabIndex={0} role="region" aria-label="List of requests">
      <Table fz="xs" verticalSpacing={4} horizontalSpacing="md" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th visibleFrom="sm">Time</Table.Th>
            <Table.Th>Method</Table.Th>
            <Table.Th>Path</Table.Th>
            <Table.Th ta="right">Attempt</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th ta="right">Took</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} onSelect={onSelect} />
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
