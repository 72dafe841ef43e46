import { expect, test } from 'vitest'
import { flag, oneOf, parseSearch, sameSearch, searchOf, someOf, stringifySearch, text, whole } from './search'

test('a name is written once for each value, and read back', () => {
  const written = stringifySearch({ status: ['failed', 'sent'], to: '+49 15', none: undefined, empty: '' })
  expect(written).toBe('?status=failed&status=sent&to=%2B49+15')
  expect(parseSearch(written)).toEqual({ status: ['failed', 'sent'], to: '+49 15' })
  expect(stringifySearch({})).toBe('')
})

test('what a page does not know is dropped', () => {
  const read = searchOf({ state: oneOf('a', 'b'), many: someOf('x', 'y'), q: text, live: flag, page: whole })
  expect(read({ state: 'c', many: ['x', 'z'], q: '', live: 'no', page: '1.5', other: '1' })).toEqual({ many: ['x'] })
  expect(read(parseSearch('?state=b&many=y&q=%20&live=true&page=3'))).toEqual({
    state: 'b', many: ['y'], q: ' ', live: true, page: 3,
  })
})

test('neither the order of names nor that of values makes a search another one', () => {
  expect(sameSearch({ status: ['failed', 'sent'], to: '49' }, { to: '49', status: ['sent', 'failed'], last: undefined })).toBe(true)
  expect(sameSearch({ status: ['failed'] }, {})).toBe(false)
  expect(sameSearch({ status: ['failed'] }, { status: ['sent'] })).toBe(false)
})
