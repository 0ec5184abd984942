import { Badge, Box, Button, Group, Text, UnstyledButton } from '@mantine/core';
import { ChevronDown, ChevronUp, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type JournalEntry, journal } from '../../client/journal.ts';
import { useStore } from '../../client/store.ts';
import { formatMs } from '../../format/format.ts';
import { EntryDetails } from './EntryDetails.tsx';
import { EntryTable } from './EntryTable.tsx';
import { StatusText } from './StatusText.tsx';

interface RequestLogProps {
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly height: { readonly closed: number; readonly open: number };
}

function Last({ entry }: { readonly entry: JournalEntry | undefined }) {
  if (entry === undefined)
    return (
      <Text fz="xs" c="dimmed">
        nothing yet
      </Text>
    );
  const { method, path, durationMs } = entry;
  return (
    <Group gap={8} wrap="nowrap" miw={0}>
      <Text fz="xs" ff="monospace" truncate>
        {method} {path}
      </Text>
      <Text fz="xs" component="span" style={{ whiteSpace: 'nowrap' }}>
        <StatusText entry={entry} />
      </Text>
      <Text fz="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }} visibleFrom="xs">
        {formatMs(durationMs)}
      </Text>
    </Group>
  );
}

/** Every request of the SDK, attempt by attempt. */
export function RequestLog({ open, onToggle, height }: RequestLogProps) {
  const entries = useStore(journal);
  const [selected, setSelected] = useState<number>();
  const Chevron = open ? ChevronDown : ChevronUp;
  return (
    <Box component="section" aria-label="Requests" data-testid="log">
      <Group h={height.closed - 1} px="md" justify="space-between" wrap="nowrap">
        <UnstyledButton onClick={onToggle} aria-expanded={open} flex={1} miw={0} h="100%">
          <Group gap="xs" wrap="nowrap">
            <Chevron size={16} aria-hidden style={{ flexShrink: 0 }} />
            <Text fz="sm" fw={600}>
              Requests
            </Text>
            <Badge variant="light" color="gray" miw={40} style={{ flexShrink: 0 }}>
              {entries.length}
            </Badge>
            <Last entry={entries[0]} />
          </Group>
        </UnstyledButton>
        {open && (
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<Trash2 size={12} aria-hidden />}
            onClick={() => journal.set([])}
          >
            Clear
          </Button>
        )}
      </Group>
      {open && <EntryTable entries={entries} height={height.open - height.closed} onSelect={setSelected} />}
      <EntryDetails entry={entries.find(({ id }) => id === selected)} onClose={() => setSelected(undefined)} />
    </Box>
  );
}
