import { expect, test } from 'vitest'
import { costChange } from './cost'
import { bodyOf, differences, EMPTY, merged, normal, part, patchOf, valuesOf } from './draft'
import { moved, movesBetween, neverReached, ordered, since } from './order'
import { type Route, sharesOf, tokensOf } from './route'
import { tomlOf } from './toml'

const route = (name: string, changes: Partial<Route> = {}): Route => ({
  id: `rte_${name}`, name, priority: 100, match: {}, carriers: ['acme'], enabled: true, version: 1, created_at: '2026-01-01T00:00:00Z', ...changes,
})

test('each filter that is set is a token', () => {
  expect(tokensOf({ countries: [], classes: ['otp'], times: [{ from: '08:00', to: '20:00', weekdays: ['mon', 'tue'], zone: 'Europe/Berlin' }] })).toEqual([
    { kind: 'classes', values: ['otp'] },
    { kind: 'times', values: ['mon tue 08:00–20:00 Europe/Berlin'] },
  ])
})

test('carriers of the same order share its messages, others take over', () => {
  expect(sharesOf(['a', 'b']).map(({ carrier, share }) => [carrier, share])).toEqual([['a', null], ['b', null]])
  const shared = sharesOf([{ carrier: 'spare', order: 2 }, { carrier: 'a', order: 1, weight: 3 }, { carrier: 'b', order: 1, weight: 1 }])
  expect(shared.map(({ carrier, share }) => [carrier, share])).toEqual([['a', 0.75], ['b', 0.25], ['spare', null]])
})

test('the form has the carriers in steps, and gives them back as the API shows them', () => {
  const carriers = [{ carrier: 'spare', order: 9, weight: 1 }, { carrier: 'a', order: 3, weight: 3 }, { carrier: 'b', order: 3, weight: 1, sender: 'Acme' }]
  const values = valuesOf(route('x', { carriers }))
  expect(values.carriers.map((step) => step.map(({ carrier }) => carrier))).toEqual([['a', 'b'], ['spare']])
  expect(bodyOf(values).carriers).toEqual([
    { carrier: 'a', order: 1, weight: 3 }, { carrier: 'b', order: 1, weight: 1, sender: 'Acme' }, { carrier: 'spare', order: 2, weight: 1 },
  ])
  expect(bodyOf({ ...EMPTY, name: ' x ', priority: '', carriers: [[part('a')], [part('b')]], match: { countries: [] } })).toEqual({
    name: 'x', enabled: true, priority: 100, match: {}, carriers: ['a', 'b'],
  })
})

test('versions differ in what they say, not in how they say it', () => {
  const one = normal(route('x', { carriers: ['a', 'b'] }))
  expect(differences(one, normal(route('x', { carriers: [{ carrier: 'a', order: 5 }, { carrier: 'b', order: 7 }] })))).toEqual([])
  const other = normal(route('y', { carriers: ['b', 'a'], priority: 5, match: { countries: ['DE'], times: [{ from: '08:00' }] } }))
  expect(differences(one, other)).toEqual(['name', 'priority', 'countries', 'times', 'carriers'])
  expect(differences(null, one)).toEqual(['name', 'enabled', 'priority', 'carriers'])
})

test('a change sends what differs, and null for a filter that goes', () => {
  const before = normal(route('x', { match: { countries: ['DE'], classes: ['otp'], tags: ['a'] } }))
  const after = normal(route('x', { match: { countries: ['DE', 'AT'], tags: ['a'] }, enabled: false }))
  expect(patchOf(before, after)).toEqual({ enabled: false, match: { countries: ['DE', 'AT'], classes: null } })
  expect(patchOf(before, before)).toEqual({})
})

test('my changes go on top of what another operator changed', () => {
  const base = normal(route('x', { match: { countries: ['DE'], classes: ['otp'] } }))
  const theirs = normal(route('x', { match: { countries: ['AT'], classes: ['otp'] }, priority: 7, carriers: ['beta'] }))
  const mine = normal(route('x', { match: { countries: ['DE'] }, carriers: ['spare'] }))
  expect(merged(base, theirs, mine)).toEqual({ name: 'x', enabled: true, priority: 7, match: { countries: ['AT'] }, carriers: ['spare'] })
})

test('an entry is moved up, down and to the ends', () => {
  const list = ['a', 'b', 'c', 'd']
  expect(moved(list, 2, 1)).toEqual(['a', 'c', 'b', 'd'])
  expect(moved(list, 0, 3)).toEqual(['b', 'c', 'd', 'a'])
  expect(moved(list, 3, 0)).toEqual(['d', 'a', 'b', 'c'])
  expect(moved(list, 9, 0)).toEqual(list)
  expect(ordered([route('a'), route('b'), route('c')], ['rte_c', 'rte_gone', 'rte_a']).map(({ name }) => name)).toEqual(['c', 'a', 'b'])
})

test('the fewest moves are told', () => {
  const list = ['a', 'b', 'c', 'd', 'e']
  expect(movesBetween(list, list)).toEqual([])
  expect(movesBetween(list, moved(list, 0, 4))).toEqual([{ id: 'a', from: 1, to: 5 }])
  expect(movesBetween(list, moved(list, 4, 1))).toEqual([{ id: 'e', from: 5, to: 2 }])
  expect(movesBetween(list, list.toReversed())).toHaveLength(4)
})

test('a route behind one without filters is reached by name alone', () => {
  const routes = [route('otp', { match: { classes: ['otp'] } }), route('off', { enabled: false }), route('default'), route('other'), route('germany', { match: { countries: ['DE'] } })]
  expect([...neverReached(routes)]).toEqual(['rte_other', 'rte_germany'])
  expect(neverReached(routes.slice(0, 2)).size).toBe(0)
})

test('what others did since is made, gone or changed', () => {
  const seen = [route('a'), route('b'), route('c')]
  const now = [route('a'), route('b', { version: 2, enabled: false }), route('new')]
  const found = since(seen, now)
  expect([found.made, found.gone].map((routes) => routes.map(({ name }) => name))).toEqual([['new'], ['c']])
  expect(found.changed.map(([before, after]) => [before.version, after.version])).toEqual([[1, 2]])
})

test('the cost of a draft is exact', () => {
  expect(costChange('0.03', '0.07')).toBe('0.04')
  expect(costChange('1234567.89', '0.000001')).toBe('-1234567.889999')
  expect(costChange('10', '10.00')).toBe('0.00')
})

test('a route as a table of the settings file', () => {
  const body = normal(route('ger"man', { priority: 10, match: { countries: ['DE'], times: [{ from: '08:00', weekdays: ['mon'] }] }, carriers: [{ carrier: 'acme', order: 1, weight: 70 }, { carrier: 'beta', order: 1, weight: 30, sender: 'Brand' }] }))
  expect(tomlOf(body)).toBe(`[[routes]]
name = "ger\\"man"
priority = 10
carriers = [
  { carrier = "acme", order = 1, weight = 70 },
  { carrier = "beta", order = 1, weight = 30, sender = "Brand" },
]
match = { countries = ["DE"], times = [{ from = "08:00", weekdays = ["mon"] }] }
`)
  expect(tomlOf(normal(route('default', { carriers: ['a', 'b'] })))).toBe('[[routes]]\nname = "default"\npriority = 100\ncarriers = ["a", "b"]\n')
})
