import { Badge } from '@mantine/core';

const colors: Readonly<Record<string, string>> = {
  idle: 'teal',
  ready: 'teal',
  running: 'teal',
  healthy: 'teal',
  busy: 'blue',
  starting: 'blue',
  probing: 'blue',
  resting: 'orange',
  offline: 'gray',
  ended: 'gray',
};

/** A state, in its colour. */
export function StateBadge({ state }: { readonly state: string | undefined }) {
  const text = state === undefined || state === '' ? 'unknown' : state;
  return (
    <Badge variant="light" color={colors[text] ?? 'gray'} data-state={text} miw="max-content">
      {text}
    </Badge>
  );
}
