import { afterEach, expect, test } from 'vitest'
import { noteUsed, savedOf, usedFirst, usedViews, type View } from './savedViews'

const view = (id: string): View => ({
  id, page: 'messages', name: id, search: {}, shared: false, mine: true, made_by: 'user:usr_1', version: 1, created_at: '2026-11-29T12:00:00.000Z',
})

afterEach(() => localStorage.clear())

test('views that were used come first, the last one on top', () => {
  for (const id of ['a', 'b', 'a', 'c']) noteUsed(id)
  expect(usedViews()).toEqual(['c', 'a', 'b'])
  expect(usedFirst(['x', 'a', 'y', 'b', 'c'].map(view), usedViews()).map(({ id }) => id)).toEqual(['c', 'a', 'b', 'x', 'y'])
})

test('what is remembered of them is bounded, and what is no list is none', () => {
  for (let place = 0; place < 60; place += 1) noteUsed(`view_${place}`)
  expect(usedViews()).toHaveLength(50)
  localStorage.setItem('onesixty-views-used', '{"a":')
  expect(usedViews()).toEqual([])
})

test('only values that are set are saved', () => {
  expect(savedOf({ status: ['failed'], last: undefined })).toEqual({ status: ['failed'] })
})
