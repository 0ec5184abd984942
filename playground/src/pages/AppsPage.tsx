import { Badge, Button, Card, Code, Group, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import type { App } from '@octaspace/sdk';
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useOcta } from '../client/octa.ts';
import { Empty } from '../components/Empty.tsx';
import { Facts } from '../components/Facts.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { absent } from '../format/format.ts';

function listed(values: readonly number[]): string {
  return values.join(', ') || absent;
}

function AppCard({ app }: { readonly app: App }) {
  const { uuid, name, category, description, image, ports, http_ports, envs, extra } = app;
  return (
    <Card withBorder padding="md" component="article">
      <Group justify="space-between" mb={4}>
        <Title order={2} size="h5">
          {name}
        </Title>
        {category !== undefined && <Badge variant="light">{category}</Badge>}
      </Group>
      <Stack gap="sm" flex={1}>
        <Text fz="sm" c="dimmed">
          {description}
        </Text>
        <Code style={{ overflowWrap: 'anywhere' }}>{image}</Code>
        <Facts
          cols={2}
          facts={[
            ['Ports', listed(ports)],
            ['HTTP ports', listed(http_ports)],
            ['Least disk', extra?.min_disk_size === undefined ? absent : `${extra.min_disk_size} GB`],
            ['Variables', Object.keys(envs ?? {}).join(', ') || absent],
          ]}
        />
      </Stack>
      <Button component={Link} to={`/services/mr?app=${uuid}`} variant="light" mt="md">
        Run on a machine
      </Button>
    </Card>
  );
}

function Cards({ apps }: { readonly apps: readonly App[] }) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const found = apps.filter(({ name, image, category = '' }) =>
    `${name} ${image} ${category}`.toLowerCase().includes(wanted),
  );
  return (
    <Stack>
      <TextInput
        aria-label="Search apps"
        placeholder="Search"
        leftSection={<Search size={14} aria-hidden />}
        maw={300}
        value={search}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      {found.length === 0 && <Empty>No app matches this name.</Empty>}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {found.map((app) => (
          <AppCard key={app.uuid} app={app} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}

/** Apps that can run on a machine. */
export function AppsPage() {
  const { queries } = useOcta();
  const apps = useQuery(queries.apps.list());
  return (
    <>
      <PageHeader title="Apps" calls={['apps.list()', 'apps.get(uuid)']}>
        Templates of applications that can run on a machine: image, ports, variables.
      </PageHeader>
      <QueryView query={apps} height={480} empty="There are no apps.">
        {(found) => <Cards apps={found} />}
      </QueryView>
    </>
  );
}
