import { Badge, Button, Group, List, Progress, Stack, Text } from '@mantine/core';
import { CircleCheck, CircleDashed, CircleX, LoaderCircle, Play } from 'lucide-react';
import { useState } from 'react';
import { useOcta } from '../../client/octa.ts';
import { ErrorPanel } from '../../components/ErrorPanel.tsx';
import { Panel } from '../../components/Panel.tsx';
import { formatMs } from '../../format/format.ts';
import { type Check, checks } from './smoke-checks.ts';

interface Row {
  readonly name: string;
  readonly step: 'waiting' | 'running' | 'passed' | 'skipped' | 'failed';
  readonly note?: string;
  readonly error?: unknown;
  readonly durationMs?: number;
}

const icons = {
  waiting: CircleDashed,
  running: LoaderCircle,
  passed: CircleCheck,
  skipped: CircleDashed,
  failed: CircleX,
};
const colors = { waiting: 'gray', running: 'blue', passed: 'teal', skipped: 'gray', failed: 'red' };

const waiting: readonly Row[] = checks.map(({ name }) => ({ name, step: 'waiting' }));

/** Runs the checks in sequence, and reports each. */
function useSmoke() {
  const { client } = useOcta();
  const [rows, setRows] = useState(waiting);
  const [busy, setBusy] = useState(false);
  const tell = (name: string, row: Omit<Row, 'name'>) =>
    setRows((all) => all.map((each) => (each.name === name ? { name, ...row } : each)));
  const check = async ({ name, run }: Check, found: Parameters<Check['run']>[1]) => {
    tell(name, { step: 'running' });
    const startedAt = performance.now();
    try {
      const note = await run(client, found);
      const durationMs = performance.now() - startedAt;
      tell(
        name,
        note === undefined
          ? { step: 'skipped', note: 'there is no id to check' }
          : { step: 'passed', note, durationMs },
      );
    } catch (error) {
      tell(name, { step: 'failed', error, durationMs: performance.now() - startedAt });
    }
  };
  const run = async () => {
    setRows(waiting);
    setBusy(true);
    const found = {};
    for (const each of checks) await check(each, found);
    setBusy(false);
  };
  return { rows, busy, run };
}

function RowView({ row: { name, step, note, error, durationMs } }: { readonly row: Row }) {
  const Icon = icons[step];
  return (
    <List.Item
      data-check={name}
      data-step={step}
      icon={<Icon size={18} color={`var(--mantine-color-${colors[step]}-light-color)`} aria-hidden />}
    >
      <Group gap="xs" mih={26}>
        <Text fz="sm" ff="monospace">
          {name}
        </Text>
        <Badge variant="light" color={colors[step]} size="sm">
          {step}
        </Badge>
        <Text fz="sm" c="dimmed">
          {note}
        </Text>
        {durationMs !== undefined && (
          <Text fz="xs" c="dimmed">
            {formatMs(durationMs)}
          </Text>
        )}
      </Group>
      {error !== undefined && <ErrorPanel error={error} />}
    </List.Item>
  );
}

/** Makes every read once, as `octaspace smoke` does. */
export function Smoke() {
  const { rows, busy, run } = useSmoke();
  const done = rows.filter(({ step }) => step !== 'waiting' && step !== 'running').length;
  const count = (wanted: Row['step']) => rows.filter(({ step }) => step === wanted).length;
  return (
    <Panel
      title="Smoke suite"
      aside={
        <Button size="xs" loading={busy} leftSection={<Play size={14} aria-hidden />} onClick={() => void run()}>
          Run all
        </Button>
      }
    >
      <Stack>
        <Text fz="sm" c="dimmed">
          Makes every read once, in sequence. It starts and changes nothing.
        </Text>
        <Progress
          value={(100 * done) / rows.length}
          aria-label="Checks done"
          color={count('failed') > 0 ? 'red' : 'teal'}
        />
        <Text fz="sm" role="status" data-testid="smoke">
          {count('passed')} passed, {count('failed')} failed, {count('skipped')} skipped, of {rows.length}
        </Text>
        <List spacing={6} listStyleType="none" center={false}>
          {rows.map((row) => (
            <RowView key={row.name} row={row} />
          ))}
        </List>
      </Stack>
    </Panel>
  );
}
