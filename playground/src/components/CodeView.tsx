import { Box, Code } from '@mantine/core';
import { toJson } from '@octaspace/sdk';

/** JSON for people. Amounts are text, with every digit. */
export function prettyJson(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(JSON.parse(toJson(value)), undefined, 2);
}

/** Text as it is, that scrolls. */
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
    // What scrolls has to be within reach of the keyboard.
    <Box tabIndex={0} role="region" aria-label={label} mah={height} style={{ overflow: 'auto' }}>
      <Code block miw="100%" w="max-content" style={{ overflow: 'visible' }}>
        {text}
      </Code>
    </Box>
  );
}
