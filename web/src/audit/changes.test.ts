import { expect, test } from 'vitest'
import { changesOf, nameIn } from './changes'

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

test('an entry calls what it changed by its name, also if that is gone', () => {
  expect(nameIn({ before: null, after: { name: 'acme' } })).toBe('acme')
  expect(nameIn({ before: { name: 'acme', enabled: true }, after: null })).toBe('acme')
  expect(nameIn({ before: { value: 1 }, after: { value: 2 } })).toBeUndefined()
})
