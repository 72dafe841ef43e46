// Colours, sizes and fonts. The contrast of every pair that is used here is 4.5:1 at least (3:1 for borders), in both
// schemes; `theme.test.ts` computes it.
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const brand: MantineColorsTuple = [
  '#ecf5f9', '#d6e8f1', '#a9d0e3', '#78b6d4', '#51a0c8', '#3892c1', '#1f7fb0', '#12699a', '#0b5782', '#06435f',
]

export const theme = createTheme({
  primaryColor: 'brand',
  primaryShade: { light: 7, dark: 8 },
  colors: { brand },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono", monospace',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.15rem' } } },
  // A menu that opens has its focus on its first item. Mantine's own place for it is a child that a menu may not have.
  components: { Menu: { defaultProps: { withInitialFocusPlaceholder: false } } },
})

/** Mantine's own red, grey and placeholder are too light for text on white. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-error': '#c01c28',
    '--mantine-color-dimmed': '#5b6570',
    '--mantine-color-placeholder': '#667079',
    '--onesixty-line': '#d9dfe5',
    '--onesixty-wash': '#f5f7f9',
    '--onesixty-good': '#1a6e3c',
    '--onesixty-bad': '#b3202c',
    '--onesixty-warn': '#8a5300',
    '--onesixty-info': '#12699a',
    '--onesixty-quiet': '#5b6570',
  },
  dark: {
    '--mantine-color-error': '#ff8a8a',
    '--mantine-color-dimmed': '#a3adb8',
    '--mantine-color-placeholder': '#98a2ad',
    '--onesixty-line': '#3b424a',
    '--onesixty-wash': '#1f2327',
    '--onesixty-good': '#6ecb90',
    '--onesixty-bad': '#ff8f8f',
    '--onesixty-warn': '#e9b464',
    '--onesixty-info': '#7cc0e8',
    '--onesixty-quiet': '#a3adb8',
  },
})
