import { ActionIcon, Flex, Group, Loader, Stack, Text, Title, Tooltip } from '@mantine/core';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';

interface PageHeaderProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** The calls of the page, as in code. */
  readonly calls: readonly string[];
  readonly actions?: ReactNode;
}

function Refresh() {
  const queryClient = useQueryClient();
  const busy = useIsFetching() > 0;
  return (
    <Tooltip label="Ask again">
      <ActionIcon
        variant="default"
        size="lg"
        aria-label="Ask again"
        onClick={() => void queryClient.refetchQueries({ type: 'active' })}
      >
        {busy ? <Loader size={16} aria-label="Loading" /> : <RefreshCw size={16} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

/** Title of a page, and its calls of the SDK. */
export function PageHeader({ title, children, calls, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · OctaSpace SDK playground`;
  }, [title]);
  return (
    <Flex direction={{ base: 'column', sm: 'row' }} justify="space-between" align="flex-start" gap="sm" mb="md">
      <Stack gap={2} miw={0}>
        <Title order={1} size="h2" tabIndex={-1}>
          {title}
        </Title>
        {children !== undefined && <Text c="dimmed">{children}</Text>}
        <Text ff="monospace" fz="xs" c="dimmed" visibleFrom="sm">
          {calls.map((call) => `client.${call}`).join(' · ')}
        </Text>
      </Stack>
      <Group gap="xs" wrap="nowrap">
        {actions}
        <Refresh />
      </Group>
    </Flex>
  );
}
