import { Box, Code } from '@mantine/core';
import { toJson } from '@octaspace/sdk';

/** JSON for people. Amounts are text, with every digit. */
export function prettyJson(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(JSON.parse(toJson(value)), undefined, 2);
}

/** Preformatted text that scrolls. */
export function CodeView({
  label,
  text,
  height = 320,
}: {
  readonly label: string;
  readonly text: string;
  readonly height?: number;
}) {
  return (
    // A scrollable area must be reachable by keyboard.
    <Box tabIndex={0} role="region" aria-label={label} mah={height} style={{ overflow: 'auto' }}>
      <Code block miw="100%" w="max-content" style={{ overflow: 'visible' }}>
        {text}
      </Code>
    </Box>
  );
}
