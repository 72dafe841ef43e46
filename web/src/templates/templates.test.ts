import { expect, test } from 'vitest'
import { changeOf, draftOf } from './draft'
import { namedIn } from './found'
import { marked } from './marks'
import { registrationOf, registrationValues } from './registration'
import { languagesOf, movesOf, type Template } from './template'
import { changesOf, newRow, rowsOf, textOf, valueOf, valuesOf, variableOf } from './variables'

const template: Template = {
  id: 'tpl_1', name: 'order-shipped', number: 1, state: 'draft', approved: null, purpose: 'transactional', default_language: 'en',
  texts: { de: '{shop}: {days} Tage', en: '{shop}: {days} days', ar: '{shop}' },
  variables: { shop: { type: 'string', longest: 20, example: 'Acme' }, days: { type: 'number' }, link: { type: 'url', hosts: ['a.example', 'b.example'] } },
  max_segments: null, registrations: [], reasons: [], submitted_at: null, decided_at: null, version: 1, created_at: '2026-01-01T00:00:00Z',
}

test('the variables of a text are found with the type that their use suggests', () => {
  expect(namedIn('{shop}: order {order} arrives in {days, plural, one {# day} other {# days by {carrier}}}.')).toEqual({ shop: 'string', order: 'string', days: 'number', carrier: 'string' })
  expect(namedIn('{ at , time, short} {on, date} {sum, number, ::currency/EUR} {kind, select, home {to {street}} other {}}')).toEqual({ at: 'time', on: 'date', sum: 'number', kind: 'string', street: 'string' })
  expect(namedIn("It's '{quoted}' and {real}")).toEqual({ real: 'string' })
  for (const broken of ['{', '{a', '}{', '{a, plural, one {', "'{", '{{a}}', '{A} {1b} {}']) expect(namedIn(broken)).toBeTypeOf('object')
})

test('a value is what its type makes of what was typed; what it makes nothing of goes as it is', () => {
  expect(valueOf('money', '12.50 eur')).toEqual({ amount: '12.50', currency: 'EUR' })
  expect(valueOf('money', 'twelve')).toBe('twelve')
  expect(valueOf('number', ' 3 ')).toBe(3)
  expect(valueOf('number', '3 days')).toBe('3 days')
  expect(valueOf('string', ' x ')).toBe(' x ')
  expect(valueOf('string', '')).toBe(null)
  expect(textOf({ amount: '1.00', currency: 'USD' })).toBe('1.00 USD')
  expect(valuesOf({ days: 'number', shop: 'string' }, { days: '2', other: 'x' })).toEqual({ days: 2 })
})

test('rows are variables and back', () => {
  const rows = rowsOf(template.variables)
  expect(Object.fromEntries(rows.map((row) => [row.name, variableOf(row)]))).toEqual(template.variables)
})

test('a change of variables names those that changed, and null for those that are gone', () => {
  const [shop = newRow(''), days = newRow('')] = rowsOf(template.variables)
  const changed = changesOf([shop, days], [{ ...shop, longest: '' }, { ...newRow(' code '), type: 'code' }, newRow('')])
  expect(changed).toEqual({
    days: null,
    shop: { type: 'string', example: 'Acme', default: null, longest: null, multiline: null, numbers: null, hosts: null },
    code: { type: 'code', example: null, default: null, longest: null, multiline: null, numbers: null, hosts: null },
  })
  // What does not go with a type is not sent with it.
  expect(changesOf([], [{ ...newRow('x'), type: 'date', hosts: 'a.example', numbers: true }])).toMatchObject({ x: { hosts: null, numbers: null } })
})

test('only what was changed is sent, and a text that is gone as null', () => {
  const before = draftOf(template)
  expect(changeOf(before, before)).toEqual({})
  expect(changeOf(before, { ...before, name: 'shipped ', texts: { en: 'New', de: before.texts.de ?? '', fr: 'Neuf' }, max_segments: 2 })).toEqual({ name: 'shipped', texts: { en: 'New', fr: 'Neuf', ar: null }, max_segments: 2 })
})

test('the default language comes first', () => {
  expect(languagesOf(template)).toEqual(['en', 'ar', 'de'])
  expect(languagesOf({ ...template, default_language: 'xx' })).toEqual(['ar', 'de', 'en'])
})

test('what can be done follows from the state', () => {
  expect(movesOf(template)).toEqual({ submit: true, withdraw: false, decide: false, retire: false, remove: true })
  expect(movesOf({ ...template, state: 'submitted' })).toMatchObject({ submit: false, withdraw: true, decide: true, remove: true })
  expect(movesOf({ ...template, state: 'draft', number: 2, approved: 1 })).toMatchObject({ submit: true, retire: true, remove: false })
  expect(movesOf({ ...template, state: 'retired' })).toMatchObject({ submit: true, retire: false, remove: false })
})

test('values and costly characters are marked by their characters, not by units', () => {
  const spans = [{ variable: 'a', start: 1, length: 2 }, { variable: 'a', start: 3, length: 1 }]
  const costly = [{ character: '’', code_point: 'U+2019', name: 'x', why: 'ucs2' as const, positions: [4], look_alike: "'" }]
  expect(marked({ text: '😀xyz’!', spans, costly })).toEqual([
    { text: '😀', variable: null, why: null }, { text: 'xy', variable: 'a', why: null }, { text: 'z', variable: 'a', why: null }, { text: '’', variable: null, why: 'ucs2' }, { text: '!', variable: null, why: null },
  ])
})

test('an empty field of a registration is for all', () => {
  const one = { country: 'IN', ids: { entity: '1', template: '2' }, language: 'hi', number: 3 }
  expect(registrationOf(registrationValues(one))).toEqual(one)
  expect(registrationOf({ ...registrationValues(undefined), country: ' in ', ids: { ' entity': ' 1 ' } })).toEqual({ country: 'IN', ids: { entity: '1' } })
})
