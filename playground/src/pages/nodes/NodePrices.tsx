import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { OctaClient, NodePrices as Prices } from '@octaspace/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { codeOf } from '../../client/code.ts';
import { useOcta } from '../../client/octa.ts';
import { ErrorPanel } from '../../components/ErrorPanel.tsx';
import { Panel } from '../../components/Panel.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Snippet } from '../../components/Snippet.tsx';

const names = ['base', 'storage', 'traffic'] as const;

type Digits = Readonly<Record<(typeof names)[number], string>>;

/** The exact input. Unchanged prices are not sent. */
function changesOf(digits: Digits, prices: Prices): Prices {
  const changed = names.filter((name) => digits[name] !== '' && digits[name] !== String(prices[name] ?? ''));
  return Object.fromEntries(changed.map((name) => [name, BigInt(digits[name])]));
}

function PricesForm({ id, prices }: { readonly id: number; readonly prices: Prices }) {
  const { client, queries } = useOcta();
  const queryClient = useQueryClient();
  const text = (name: (typeof names)[number]) => String(prices[name] ?? '');
  const [digits, setDigits] = useState<Digits>({
    base: text('base'),
    storage: text('storage'),
    traffic: text('traffic'),
  });
  const updates = (by: OctaClient) => by.nodes.updatePrices(id, changesOf(digits, prices));
  const update = useMutation({
    mutationFn: async () => updates(client),
    onSuccess: async () => {
      notifications.show({ message: `The prices of node ${id} are set.` });
      await queryClient.invalidateQueries({ queryKey: queries.nodes.key });
    },
  });
  const valid = names.every((name) => /^\d*$/.test(digits[name]));
  const nothing = valid && Object.keys(changesOf(digits, prices)).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate();
  };
  return (
    <Stack component="form" onSubmit={submit} gap="sm">
      <Group grow align="flex-start">
        {names.map((name) => (
          <TextInput
            key={name}
            label={name}
            inputMode="numeric"
            value={digits[name]}
            error={/^\d*$/.test(digits[name]) ? null : 'digits only'}
            onChange={({ currentTarget }) => setDigits({ ...digits, [name]: currentTarget.value })}
          />
        ))}
      </Group>
      <Snippet code={codeOf(updates)} />
      {update.error !== null && <ErrorPanel error={update.error} mayCost />}
      <Group justify="flex-end">
        <Button type="submit" variant="light" loading={update.isPending} disabled={!valid || nothing}>
          Set prices
        </Button>
      </Group>
    </Stack>
  );
}

/** The prices of the operator, digit for digit. Only the list of nodes has them. */
export function NodePrices({ id }: { readonly id: number }) {
  const { queries } = useOcta();
  const nodes = useQuery(queries.nodes.list());
  return (
    <Panel title="Prices">
      <QueryView query={nodes} height={110}>
        {(rows) => {
          const prices = rows.find((node) => node.id === id)?.prices;
          if (prices === undefined) return <Text fz="sm">The list of nodes does not have its prices.</Text>;
          return <PricesForm key={names.map((name) => String(prices[name])).join()} id={id} prices={prices} />;
        }}
      </QueryView>
    </Panel>
  );
}
