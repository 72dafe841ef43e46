import { expect, test } from 'vitest'
import { linesOf, offsetOf } from './octets'

const hex = (text: string): string => Array.from(text, (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('')

test('octets are cut where fields begin and where a line is full', () => {
  const fields = [{ start: 0, end: 3 }, { start: 3, end: 10 }]
  const lines = linesOf(hex('abcDEFGHIJ'), fields, [], 8)
  expect(lines.map(({ offset, runs }) => [offset, runs.map(({ text, field }) => `${field}:${text}`)])).toEqual([
    [0, ['0:abc', '1:DEFGH']],
    [8, ['1:IJ']],
  ])
  expect(lines[0]?.runs[0]?.hex).toBe('61 62 63')
})

test('every octet is in exactly one run', () => {
  const octets = '00'.repeat(37)
  const runs = linesOf(octets, [{ start: 0, end: 4 }, { start: 4, end: 16 }, { start: 16, end: 37 }], [{ start: 20, end: 30 }], 8).flatMap((line) => line.runs)
  const places = runs.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at))
  expect(places).toEqual(Array.from({ length: 37 }, (_, place) => place))
  expect(runs.filter(({ masked }) => masked).map(({ start, end }) => [start, end])).toEqual([[20, 24], [24, 30]])
})

test('what is masked is not shown', () => {
  const [line] = linesOf(hex('secret'), [{ start: 0, end: 6 }], [{ start: 0, end: 6 }], 8)
  expect(line?.runs).toEqual([{ start: 0, end: 6, field: 0, masked: true, hex: '·· ·· ·· ·· ·· ··', text: '······' }])
})

test('octets of no field belong to none, and nothing is nothing', () => {
  expect(linesOf('ff00', [{ start: 1, end: 2 }], [], 8)[0]?.runs.map(({ field, text }) => [field, text])).toEqual([[-1, '·'], [0, '·']])
  expect(linesOf('', [], [], 8)).toEqual([])
  expect(offsetOf(31)).toBe('001f')
})
