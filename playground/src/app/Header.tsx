import {
  ActionIcon,
  Anchor,
  Badge,
  Burger,
  Group,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { formatOcta } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { Hexagon, Moon, Sun } from 'lucide-react';
import { Link } from 'react-router';
import { useOcta } from '../client/octa.ts';
import { absent } from '../format/format.ts';
import { scenarioOf } from '../scenarios/scenarios.ts';

function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const label = dark ? 'Light colours' : 'Dark colours';
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={label}
        onClick={() => setColorScheme(dark ? 'light' : 'dark')}
      >
        {dark ? <Sun size={18} aria-hidden /> : <Moon size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

function Balance() {
  const { queries } = useOcta();
  const { data } = useQuery({ ...queries.accounts.balance(), refetchInterval: 10_000 });
  const balance = data?.balance === undefined ? absent : formatOcta(data.balance, 4);
  return (
    <Text fz="sm" miw={96} ta="right" style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
      <Text span c="dimmed" fz="xs" visibleFrom="sm">
        Balance{' '}
      </Text>
      {balance} OCTA
    </Text>
  );
}

function Mode() {
  const { connection } = useOcta();
  const { mode, scenario } = connection;
  if (mode === 'live')
    return (
      <Badge color="red" data-testid="mode">
        Live
      </Badge>
    );
  const color = scenario === 'normal' ? 'teal' : 'orange';
  return (
    <Badge variant="light" color={color} tt="none" data-testid="mode" visibleFrom="xs">
      Simulator · {scenarioOf(scenario).name}
    </Badge>
  );
}

/** Name, mode, balance, and the switch for colours. */
export function Header({ navigating, onNavigate }: { readonly navigating: boolean; readonly onNavigate: () => void }) {
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap">
      <Group gap="xs" wrap="nowrap">
        <Burger
          opened={navigating}
          onClick={onNavigate}
          hiddenFrom="sm"
          size="sm"
          aria-label="Sidebar"
          aria-expanded={navigating}
        />
        <Anchor component={Link} to="/" underline="never" c="inherit" aria-label="OctaSpace SDK playground">
          <Group gap={8} wrap="nowrap">
            <Hexagon size={24} color="var(--mantine-color-violet-6)" strokeWidth={2.5} aria-hidden />
            <Text fw={700} style={{ whiteSpace: 'nowrap' }}>
              OctaSpace{' '}
              <Text span c="dimmed" fw={500} visibleFrom="sm">
                SDK playground
              </Text>
            </Text>
          </Group>
        </Anchor>
      </Group>
      <Group gap="sm" wrap="nowrap">
        <Mode />
        <Balance />
        <ColorScheme />
      </Group>
    </Group>
  );
}
