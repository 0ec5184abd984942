import { Alert, Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import {
  type FailedAttempt,
  isApiError,
  isOctaError,
  type OctaError,
  OctaProvisionRejectedError,
} from '@octaspace/sdk';
import { CircleAlert, RotateCcw } from 'lucide-react';
import { adviceFor, outcomeTexts } from './errors.ts';

interface ErrorPanelProps {
  readonly error: unknown;
  /** Whether the call may have started something that costs money. */
  readonly mayCost?: boolean;
  readonly onRetry?: (() => void) | undefined;
}

function Attempts({ attempts }: { readonly attempts: readonly FailedAttempt[] }) {
  if (attempts.length === 0) return null;
  return (
    <Table.ScrollContainer minWidth={300} type="native" tabIndex={0} role="region" aria-label="Failed attempts">
      <Table fz="xs" verticalSpacing={4} horizontalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Attempt</Table.Th>
            <Table.Th>Error</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Base URL</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {attempts.map(({ url, error, status }, index) => (
            // An attempt has no other key than its index.
            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
            <Table.Tr key={index}>
              <Table.Td>{index + 1}</Table.Td>
              <Table.Td>{error}</Table.Td>
              <Table.Td>{status ?? 'no response'}</Table.Td>
              <Table.Td>{new URL(url, location.origin).host}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Marks({ error }: { readonly error: OctaError }) {
  return (
    <Group gap={6}>
      <Badge variant="outline" color="red" title={outcomeTexts[error.outcome]}>
        outcome: {error.outcome}
      </Badge>
      {isApiError(error) && <Badge variant="outline">status {error.status}</Badge>}
      {isApiError(error) && error.requestId !== undefined && (
        <Badge variant="outline" tt="none">
          request id {error.requestId}
        </Badge>
      )}
      {error.attempts.length > 0 && <Badge variant="outline">attempts: {error.attempts.length}</Badge>}
      {error.stoppedBy !== undefined && (
        <Badge variant="outline" tt="none">
          stopped by {error.stoppedBy}
        </Badge>
      )}
    </Group>
  );
}

/** An error: its class, its outcome, and what to do next. */
export function ErrorPanel({ error, mayCost = false, onRetry }: ErrorPanelProps) {
  const name = error instanceof Error ? error.name : 'Error';
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Alert
      styles={{ body: { minWidth: 0 } }}
      color="red"
      icon={<CircleAlert aria-hidden />}
      title={name}
      data-testid="error"
      data-error={name}
    >
      <Stack gap="xs">
        <Text size="sm">{message}</Text>
        {isOctaError(error) && <Marks error={error} />}
        {error instanceof OctaProvisionRejectedError && (
          <Text size="sm">Reasons: {error.rejections.map(({ reason }) => reason).join('; ')}</Text>
        )}
        <Text size="sm" fw={600} data-testid="advice">
          {adviceFor(error, mayCost)}
        </Text>
        {isOctaError(error) && <Attempts attempts={error.attempts} />}
        {onRetry !== undefined && (
          <Group>
            <Button size="xs" variant="default" leftSection={<RotateCcw size={14} aria-hidden />} onClick={onRetry}>
              Try again
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
