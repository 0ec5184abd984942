import { Code } from '@mantine/core';
import { type Drift, drifts } from '../../client/drifts.ts';
import { useStore } from '../../client/store.ts';
import { type Column, DataTable } from '../../components/DataTable.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Panel } from '../../components/Panel.tsx';

const columns: readonly Column<Drift>[] = [
  { key: 'operation', label: 'Operation', show: ({ operation }) => operation, sortBy: ({ operation }) => operation },
  { key: 'path', label: 'Where', show: ({ path }) => <Code>{path}</Code>, sortBy: ({ path }) => path },
  { key: 'expected', label: 'Promised', show: ({ expected }) => expected, sortBy: ({ expected }) => expected },
  { key: 'received', label: 'Came', show: ({ received }) => received, sortBy: ({ received }) => received },
  { key: 'count', label: 'Times', numeric: true, show: ({ count }) => count, sortBy: ({ count }) => count },
];

/** Differences between responses and the description of the API. The calls succeeded anyway. */
export function Drifts() {
  const seen = useStore(drifts);
  return (
    <Panel title="Drift">
      {seen.length === 0 ? (
        <Empty>
          Every response so far was as documented. The scenario “Drifted data” shows what happens otherwise.
        </Empty>
      ) : (
        <DataTable
          label="Drift"
          rows={seen}
          columns={columns}
          keyOf={({ operation, path, expected }) => `${operation} ${path} ${expected}`}
          textOf={({ operation, path }) => `${operation} ${path}`}
          initial={{ key: 'operation', descending: false }}
        />
      )}
    </Panel>
  );
}
