import { expect, test } from 'vitest'
import { country, droppedBy, either, flag, moment, oneOf, parseSearch, sameSearch, searchOf, someOf, stringifySearch, text, whole } from './search'

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

test('a value that is none is taken away from what the router keeps, and said', () => {
  const page = searchOf({ status: someOf('failed', 'sent'), after: moment, country: either('none', country), live: flag, page: whole })
  const given = parseSearch('?status=sent&status=nonsense&after=2026-13-45&country=none&live=true&page=3&foo=1')
  expect({ ...given, ...page(given) }).toEqual({ status: ['sent'], country: 'none', live: true, page: 3, foo: '1', after: undefined })
  expect(droppedBy([{ mode: oneOf('test') }, page.shape], given)).toEqual([
    { name: 'status', value: 'nonsense' }, { name: 'after', value: '2026-13-45' }, { name: 'foo' },
  ])
})

test('moments and countries are those that there are', () => {
  expect(['2026-11-30', '2026-11-30T14:00:00+01:00', '30.11.2026', 'yesterday', ''].map(moment)).toEqual(['2026-11-30', '2026-11-30T14:00:00+01:00', undefined, undefined, undefined])
  expect(['de', 'US', '001', 'QX', 'nonsense', 'none'].map(country)).toEqual(['de', 'US', '001', undefined, undefined, undefined])
})
