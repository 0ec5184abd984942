import { Stack, Text, ThemeIcon } from '@mantine/core';
import { Inbox } from 'lucide-react';
import type { ReactNode } from 'react';

/** Says that there is no data, and optionally what to do. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl" data-testid="empty">
      <ThemeIcon variant="light" color="gray" size={48} radius="xl">
        <Inbox size={24} aria-hidden />
      </ThemeIcon>
      <Text c="dimmed" ta="center" component="div">
        {children}
      </Text>
    </Stack>
  );
}
