import { createTheme, type MantineColorsTuple } from '@mantine/core';

const kelp: MantineColorsTuple = [
  '#ecfaf7',
  '#d5f2ec',
  '#a8e4d9',
  '#76d5c4',
  '#4dc4b1',
  '#2aa995',
  '#148a7b',
  '#0f766e',
  '#0e5f59',
  '#0c4a46',
];
const stone: MantineColorsTuple = [
  '#f8f9fa',
  '#f1f3f5',
  '#e7eaed',
  '#dce0e5',
  '#c8ced5',
  '#9aa3ad',
  '#737d88',
  '#59636e',
  '#353d46',
  '#1c2228',
];
const slate: MantineColorsTuple = [
  '#e4e8ec',
  '#b9c1c9',
  '#98a2ad',
  '#6b7682',
  '#343c45',
  '#2a3139',
  '#1d2228',
  '#14181d',
  '#0f1216',
  '#0a0c0f',
];

/** Colours, type and shapes of the page. */
export const theme = createTheme({
  primaryColor: 'kelp',
  primaryShade: 7,
  colors: { kelp, gray: stone, dark: slate },
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: { fontWeight: '620' },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4, blur: 2 } } },
  },
});
