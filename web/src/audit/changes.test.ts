import { expect, test } from 'vitest'
import { changesOf } from './changes'

test('fields of both sides stand beside each other', () => {
  expect(changesOf({ name: 'a', enabled: true }, { name: 'b', rate: 5 })).toEqual([
    { field: 'name', before: 'a', after: 'b' },
    { field: 'enabled', before: 'true', after: null },
    { field: 'rate', before: null, after: '5' },
  ])
})

test('something new has no side before', () => {
  expect(changesOf(null, { tags: ['x'] })).toEqual([{ field: 'tags', before: null, after: '["x"]' }])
})

test('a field that became null says so, and is not a side that is missing', () => {
  expect(changesOf({ expires_at: '2027-01-01' }, { expires_at: null })).toEqual([
    { field: 'expires_at', before: '2027-01-01', after: 'null' },
  ])
})
