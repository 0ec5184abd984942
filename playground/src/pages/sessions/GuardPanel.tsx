import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { formatOcta, parseOcta } from '@octaspace/sdk';
import { type FormEvent, useState } from 'react';
import { codeOf } from '../../client/code.ts';
import { recordDone } from '../../client/done.ts';
import { releaseGuard, setGuard, useGuard } from '../../client/guards.ts';
import { useOcta } from '../../client/octa.ts';
import { ErrorPanel } from '../../components/ErrorPanel.tsx';
import { Panel } from '../../components/Panel.tsx';
import { Snippet } from '../../components/Snippet.tsx';

/** The code of the guard; empty while the limit is not an amount. */
function codeFor(uuid: string, limit: string): string {
  return codeOf((client) => client.services.session(uuid).guard({ maxSpend: parseOcta(limit) }));
}

/** A limit of money at which the SDK stops the session. */
export function GuardPanel({ uuid }: { readonly uuid: string }) {
  const { client } = useOcta();
  const watched = useGuard(uuid);
  const [limit, setLimit] = useState('0.5');
  const [error, setError] = useState<unknown>();
  const watching = watched !== undefined && watched.reason === undefined;
  const set = (event: FormEvent) => {
    event.preventDefault();
    try {
      setGuard(client, uuid, { maxSpend: parseOcta(limit) });
      recordDone(uuid, codeFor(uuid, limit));
      setError(undefined);
    } catch (thrown) {
      setError(thrown);
    }
  };
  return (
    <Panel title="Guard">
      <Stack component="form" gap="sm" onSubmit={set}>
        <Text fz="sm" c="dimmed">
          Stops the session before it costs more. It works while this page is open, until you change the connection.
        </Text>
        <Group align="flex-end">
          <TextInput
            label="Maximum charge, in OCTA"
            inputMode="decimal"
            value={limit}
            onChange={({ currentTarget }) => setLimit(currentTarget.value)}
            flex={1}
          />
          <Button type="submit" variant="light">
            Set
          </Button>
          <Button variant="default" disabled={!watching} onClick={() => releaseGuard(uuid)}>
            Release
          </Button>
        </Group>
        <Text fz="sm" role="status">
          {watched === undefined && 'No guard is set.'}
          {watching && `Running: stops the session at ${formatOcta(watched.limits.maxSpend ?? 0n)} OCTA.`}
          {watched?.reason !== undefined && `The guard has ended: ${watched.reason}.`}
        </Text>
        <Snippet code={codeFor(uuid, limit)} />
        {error !== undefined && <ErrorPanel error={error} />}
      </Stack>
    </Panel>
  );
}
