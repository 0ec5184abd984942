import { Anchor, Button, Stack, Text } from '@mantine/core';
import { isOctaError } from '@octaspace/sdk';
import { Play } from 'lucide-react';
import { Link } from 'react-router';
import { ErrorPanel } from '../../components/ErrorPanel.tsx';
import { Snippet } from '../../components/Snippet.tsx';

interface StartButtonProps {
  readonly rental: { readonly isPending: boolean; readonly error: Error | null };
  readonly disabled?: boolean;
  /** The code of what the button does. */
  readonly code: string;
}

/** Starts the rental. Shows its progress, and what to do if it fails. */
export function StartButton({ rental: { isPending, error }, disabled = false, code }: StartButtonProps) {
  return (
    <Stack gap="sm">
      {error !== null && <ErrorPanel error={error} mayCost />}
      {isOctaError(error) && error.outcome === 'unknown' && (
        <Anchor component={Link} to="/sessions/active" fz="sm">
          Check the active sessions
        </Anchor>
      )}
      <Button type="submit" loading={isPending} disabled={disabled} leftSection={<Play size={16} aria-hidden />}>
        Start
      </Button>
      <Text fz="xs" c="dimmed" role="status" mih={18}>
        {isPending
          ? 'Starting on the node. The SDK does not retry a start that may have been sent.'
          : 'It costs money by the second, from the start until you stop it.'}
      </Text>
      <Snippet code={code} />
    </Stack>
  );
}
