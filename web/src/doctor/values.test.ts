import { expect, test } from 'vitest'
import { byUrgency, type Check, countLevels, settingText } from './values'

const check = (name: string, level: Check['level']): Check => ({ name, level, about: '', costs: false, code: 'not_run', values: {}, found: '', remedy: null, seconds: 0 })

test('what needs somebody comes first, in the order of the server', () => {
  const checks = [check('a', 'ok'), check('b', 'skipped'), check('c', 'warning'), check('d', 'error'), check('e', 'warning')]
  expect(byUrgency(checks).map(({ name }) => name)).toEqual(['d', 'c', 'e', 'a', 'b'])
  expect(countLevels(checks)).toEqual({ error: 1, warning: 2, ok: 1, skipped: 1 })
})

test.each([
  ['x', 'x'],
  ['', null],
  [null, null],
  [0, '0'],
  [false, 'false'],
  [['a', 'b'], 'a, b'],
  [[], null],
  [{ a: 1 }, '{"a":1}'],
])('%j is written as %j', (value, text) => {
  expect(settingText(value)).toBe(text)
})
