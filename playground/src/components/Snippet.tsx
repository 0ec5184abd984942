import { ActionIcon, Box, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { CodeView } from './CodeView.tsx';

interface SnippetProps {
  readonly code: string;
  /** What the code does. Default: what the button beside it does. */
  readonly title?: string;
}

/** Code of the SDK, to be copied. */
export function Snippet({ code, title = 'The code for this' }: SnippetProps) {
  return (
    <Box>
      <Group justify="space-between" mb={4}>
        <Text fz="sm" fw={500}>
          {title}
        </Text>
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? 'Copied' : 'Copy'}>
              <ActionIcon variant="subtle" size="sm" color="gray" aria-label={`Copy: ${title}`} onClick={copy}>
                {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
      <CodeView label={title} text={code} height={220} />
    </Box>
  );
}
