import {
  Card,
  Group,
  SegmentedControl,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
  UnstyledButton,
  VisuallyHidden,
} from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { ArrowDown, ArrowUp, Search } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Empty } from './Empty.tsx';
import { arrange, type Order } from './order.ts';
import './data-table.css';

/** One column. */
export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  readonly show: (row: Row) => ReactNode;
  /** The value to sort by, in normalised units; absent if the column cannot be sorted. */
  readonly sortBy?: (row: Row) => number | string | undefined;
  readonly numeric?: boolean;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** The text to search in; absent if there is no search. */
  readonly textOf?: (row: Row) => string;
  readonly initial: Order;
  /** Buttons of a row. */
  readonly actions?: (row: Row) => ReactNode;
}

interface Part<Row> extends DataTableProps<Row> {
  readonly order: Order;
  readonly sort: (key: string) => void;
}

function Head<Row>({ column, order, sort }: { readonly column: Column<Row> } & Pick<Part<Row>, 'order' | 'sort'>) {
  const { key, label, sortBy, numeric = false } = column;
  const here = order.key === key;
  const Arrow = order.descending ? ArrowDown : ArrowUp;
  const direction = order.descending ? 'descending' : 'ascending';
  return (
    <Table.Th ta={numeric ? 'right' : 'left'} aria-sort={here ? direction : 'none'}>
      {sortBy === undefined ? (
        label
      ) : (
        <UnstyledButton fz="sm" fw={700} className="sort" onClick={() => sort(key)}>
          {label}
          {here && <Arrow size={12} aria-hidden />}
        </UnstyledButton>
      )}
    </Table.Th>
  );
}

function Wide<Row>({ label, rows, columns, keyOf, actions, order, sort }: Part<Row>) {
  return (
    <Table.ScrollContainer minWidth={600} type="native" tabIndex={0} role="region" aria-label={label}>
      <Table highlightOnHover verticalSpacing={8} horizontalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} order={order} sort={sort} />
            ))}
            {actions !== undefined && (
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)} data-row={keyOf(row)}>
              {columns.map(({ key, show, numeric = false }) => (
                <Table.Td key={key} ta={numeric ? 'right' : 'left'} className={numeric ? 'numeric' : ''}>
                  {show(row)}
                </Table.Td>
              ))}
              {actions !== undefined && (
                <Table.Td ta="right" className="actions">
                  {actions(row)}
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Cards<Row>({ rows, columns, keyOf, actions }: Part<Row>) {
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {rows.map((row) => (
        <Card key={keyOf(row)} component="li" withBorder padding="sm" data-row={keyOf(row)}>
          {columns.map(({ key, label, show }) => (
            <Group key={key} justify="space-between" gap="md" wrap="nowrap">
              <Text fz="xs" c="dimmed">
                {label}
              </Text>
              <Text fz="sm" ta="right" component="div" style={{ overflowWrap: 'anywhere' }}>
                {show(row)}
              </Text>
            </Group>
          ))}
          {actions !== undefined && (
            <Group justify="flex-end" mt="xs">
              {actions(row)}
            </Group>
          )}
        </Card>
      ))}
    </Stack>
  );
}

interface ToolsProps<Row> extends Part<Row> {
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly shown: number;
}

/** Search and, without column heads, the order. */
function Tools<Row>({
  label,
  columns,
  textOf,
  rows,
  search,
  onSearch,
  shown,
  order,
  sort,
  narrow,
}: ToolsProps<Row> & { readonly narrow: boolean }) {
  const sortable = columns.filter(({ sortBy }) => sortBy !== undefined);
  return (
    <Group justify="space-between" mb="sm" gap="sm">
      {textOf !== undefined && (
        <TextInput
          aria-label={`Search ${label.toLowerCase()}`}
          placeholder="Search"
          leftSection={<Search size={14} aria-hidden />}
          value={search}
          onChange={({ currentTarget }) => onSearch(currentTarget.value)}
          w={{ base: '100%', sm: 260 }}
        />
      )}
      {narrow && (
        <Group gap="xs" w="100%" wrap="nowrap">
          <Select
            aria-label="Sort by"
            data={sortable.map(({ key, label: name }) => ({ value: key, label: name }))}
            value={order.key}
            allowDeselect={false}
            onChange={(key) => key !== null && key !== order.key && sort(key)}
            flex={1}
          />
          <SegmentedControl
            aria-label="Direction"
            data={[
              { value: 'up', label: 'Up' },
              { value: 'down', label: 'Down' },
            ]}
            value={order.descending ? 'down' : 'up'}
            onChange={() => sort(order.key)}
          />
        </Group>
      )}
      <Text fz="xs" c="dimmed" role="status">
        {shown === rows.length ? `${shown} in all` : `${shown} of ${rows.length}`}
      </Text>
    </Group>
  );
}

/** Rows that can be searched, sorted and used; cards on narrow screens. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, columns, textOf, initial } = props;
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false }) ?? false;
  const [order, setOrder] = useState(initial);
  const [search, setSearch] = useState('');
  const sort = (key: string) => setOrder({ key, descending: key === order.key ? !order.descending : false });
  const wanted = search.trim().toLowerCase();
  const found = rows.filter((row) => wanted === '' || textOf?.(row).toLowerCase().includes(wanted));
  const sortBy = columns.find(({ key }) => key === order.key)?.sortBy;
  const shown = arrange(found, sortBy, order.descending);
  const part = { ...props, rows: shown, order, sort };
  return (
    <>
      <Tools {...part} rows={rows} search={search} onSearch={setSearch} shown={shown.length} narrow={narrow} />
      {shown.length === 0 && <Empty>Nothing matches “{search}”.</Empty>}
      {shown.length > 0 && (narrow ? <Cards {...part} /> : <Wide {...part} />)}
    </>
  );
}
