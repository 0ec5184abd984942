import { Badge, Group, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { calls } from '../../calls/calls.ts';
import type { SdkCall, Values } from '../../calls/types.ts';
import { codeOf } from '../../client/code.ts';
import { Panel } from '../../components/Panel.tsx';
import { CallForm } from './CallForm.tsx';
import { CallResult } from './CallResult.tsx';
import { useCall } from './use-call.ts';

const effects = {
  read: { color: 'teal', words: 'reads' },
  idempotent: { color: 'blue', words: 'may be repeated' },
  disruptive: { color: 'orange', words: 'sent once' },
  billable: { color: 'red', words: 'costs money, sent once' },
} as const;

const names = calls.map(({ name }) => name);

/** The code of a call. */
function codeOfCall(call: SdkCall, values: Values, retries: number): string {
  const { signal } = new AbortController();
  return codeOf((client) => call.run({ client, values, options: { signal, retries } }));
}

/** Runs any call of the SDK with its parameters, and shows the result. */
export function Explorer() {
  const [name, setName] = useState('network.get');
  const { state, run, cancel, forget } = useCall();
  const call = calls.find((each) => each.name === name);
  const choose = (chosen: string | null) => {
    if (chosen === null) return;
    setName(chosen);
    forget();
  };
  if (call === undefined) return null;
  const { color, words } = effects[call.effect];
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Panel
        title="Call"
        aside={
          <Badge variant="light" color={color}>
            {words}
          </Badge>
        }
      >
        <Stack>
          <Select
            label="Method"
            data={names}
            value={name}
            onChange={choose}
            searchable
            allowDeselect={false}
            maxDropdownHeight={320}
          />
          <Group>
            <Text fz="sm" c="dimmed">
              {call.about}
            </Text>
          </Group>
          <CallForm
            key={name}
            call={call}
            busy={state.step === 'running'}
            onRun={(values, retries) => run(call, values, retries)}
            onCancel={cancel}
            codeFor={(values, retries) => codeOfCall(call, values, retries)}
          />
        </Stack>
      </Panel>
      <Panel title="Result">
        <CallResult state={state} mayCost={call.effect === 'billable' || call.effect === 'disruptive'} />
      </Panel>
    </SimpleGrid>
  );
}
