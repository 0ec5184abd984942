import {
  Button,
  Group,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { type Connection, demoKey, speeds } from '../../client/connection.ts';
import { connect, useOcta } from '../../client/octa.ts';
import { isScenarioId, scenarioOf, scenarios } from '../../scenarios/scenarios.ts';

function Scenario({ connection }: { readonly connection: Connection }) {
  const { scenario } = connection;
  return (
    <Select
      label="Scenario"
      description={scenarioOf(scenario).effect}
      inputWrapperOrder={['label', 'input', 'description']}
      data={scenarios.map(({ id, name }) => ({ value: id, label: name }))}
      value={scenario}
      allowDeselect={false}
      maxDropdownHeight={360}
      comboboxProps={{ withinPortal: true }}
      onChange={(id) => {
        if (id !== null && isScenarioId(id)) connect({ scenario: id });
      }}
    />
  );
}

function Speed({ connection }: { readonly connection: Connection }) {
  return (
    <Stack gap={4}>
      <Text fz="sm" fw={500} id="speed">
        Speed of its clock
      </Text>
      <SegmentedControl
        aria-labelledby="speed"
        size="xs"
        data={speeds.map((speed) => ({ value: String(speed), label: `${speed}×` }))}
        value={String(connection.speed)}
        onChange={(speed) => connect({ speed: Number(speed) })}
        fullWidth
      />
    </Stack>
  );
}

/** Inputs take effect when they are applied. */
function Typed({ connection }: { readonly connection: Connection }) {
  const key = useRef<HTMLInputElement>(null);
  const [urls, setUrls] = useState(connection.baseUrls.join('\n'));
  const [seed, setSeed] = useState(connection.seed);
  // Set as a property: React would write the value into the document, which must not contain a key.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed later stays
  useEffect(() => {
    if (key.current !== null) key.current.value = connection.apiKey;
  }, []);
  const apply = (event: FormEvent) => {
    event.preventDefault();
    const baseUrls = urls.split(/[\s,]+/).filter((url) => url !== '');
    connect({ apiKey: key.current?.value ?? '', seed: seed || '1', baseUrls });
  };
  return (
    <Stack component="form" gap="sm" onSubmit={apply}>
      <PasswordInput
        label="API key"
        description={`The simulator accepts only ${demoKey}`}
        autoComplete="off"
        ref={key}
      />
      <Textarea
        label="Base URLs"
        description="One per line; calls use them in turn"
        autosize
        minRows={2}
        maxRows={4}
        spellCheck={false}
        value={urls}
        onChange={({ currentTarget }) => setUrls(currentTarget.value)}
      />
      <TextInput label="Seed" value={seed} onChange={({ currentTarget }) => setSeed(currentTarget.value)} />
      <Group justify="space-between" wrap="nowrap">
        <Text fz="xs" c="dimmed">
          Another seed or speed starts a new world.
        </Text>
        <Button type="submit" variant="default" size="xs">
          Apply
        </Button>
      </Group>
    </Stack>
  );
}

/** Settings of the simulated world. */
export function SimulatorSettings() {
  const { connection } = useOcta();
  return (
    <>
      <Scenario connection={connection} />
      <Speed connection={connection} />
      <Typed connection={connection} />
    </>
  );
}
