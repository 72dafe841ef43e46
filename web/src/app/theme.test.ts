// The contrast of the theme's own colours, by WCAG 2.2: 4.5:1 for text.
import { DEFAULT_THEME, mergeMantineTheme } from '@mantine/core'
import { describe, expect, test } from 'vitest'
import { theme, variables } from './theme'

const channel = (value: number): number => {
  const share = value / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}
const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => channel(Number.parseInt(hex.slice(at, at + 2), 16)))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
const contrast = (one: string, other: string): number => {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const found = variables(mergeMantineTheme(DEFAULT_THEME, theme))
const GROUNDS = { light: '#ffffff', dark: '#242424' }
const TEXTS = ['--mantine-color-error', '--mantine-color-dimmed', '--mantine-color-placeholder', '--onesixty-good', '--onesixty-bad', '--onesixty-warn', '--onesixty-info', '--onesixty-quiet']

describe.each(['light', 'dark'] as const)('%s', (scheme) => {
  const colours: Record<string, string> = { ...found[scheme] }
  test.each(TEXTS)('%s can be read', (name) => {
    for (const ground of [GROUNDS[scheme], colours['--onesixty-wash'] ?? '']) {
      expect(contrast(colours[name] ?? '', ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5)
    }
  })
})

test('the bars of both modes can be read', () => {
  expect(contrast('#ffffff', '#0b5782')).toBeGreaterThanOrEqual(4.5)
  expect(contrast('#2b1a00', '#efa91c')).toBeGreaterThanOrEqual(4.5)
})
