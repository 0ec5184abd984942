/** Colours and sizes. Every text has a contrast of 4.5 : 1 at least, in light and dark. */
import { type CSSVariablesResolver, createTheme, DEFAULT_THEME } from '@mantine/core';

/** Close buttons have a label for screen readers. */
const closable = { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } };

export const theme = createTheme({
  primaryColor: 'violet',
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  headings: { fontWeight: '650' },
  components: { Drawer: closable, Modal: closable, Notification: closable },
});

const names = Object.keys(DEFAULT_THEME.colors).filter((name) => name !== 'dark');

/** Text of the light and outline variants, in one shade for all colours. */
function textShades(shade: number): Record<string, string> {
  const rows = names.flatMap((name) => [
    [`--mantine-color-${name}-light-color`, `var(--mantine-color-${name}-${shade})`],
    [`--mantine-color-${name}-outline`, `var(--mantine-color-${name}-${shade})`],
  ]);
  return Object.fromEntries(rows);
}

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f8f9fb',
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-7)',
    '--mantine-color-anchor': 'var(--mantine-color-violet-8)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    ...textShades(9),
    '--mantine-color-red-light-color': '#b02121',
    '--mantine-color-yellow-light-color': '#8a4b00',
    '--mantine-color-orange-light-color': '#9c3a06',
    '--mantine-color-orange-outline': '#9c3a06',
    '--mantine-color-teal-light-color': '#066b4c',
    '--mantine-color-green-light-color': '#1f6b2c',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-1)',
    '--mantine-color-anchor': 'var(--mantine-color-violet-3)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    ...textShades(3),
  },
});
