import { Text } from '@mantine/core';
import type { JournalEntry } from '../../client/journal.ts';

/** The result of an attempt, in a word. */
export function StatusText({ entry }: { readonly entry: JournalEntry }) {
  const { status, error, durationMs } = entry;
  if (durationMs === undefined)
    return (
      <Text span inherit c="dimmed">
        under way
      </Text>
    );
  if (status === undefined) {
    return (
      <Text span inherit c="var(--mantine-color-red-light-color)" fw={600}>
        {error?.name ?? 'no response'}
      </Text>
    );
  }
  const color = status < 400 ? 'teal' : status < 500 ? 'orange' : 'red';
  return (
    <Text span inherit c={`var(--mantine-color-${color}-light-color)`} fw={600}>
      {status}
    </Text>
  );
}
