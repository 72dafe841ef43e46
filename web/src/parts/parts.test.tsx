import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { Refusal } from '../api/problem'
import { country } from '../app/search'
import { codeOf, TONGUES, type Tongue } from './code'
import { suggestionsFor } from './FilterBar'
import { formatIn } from './format'
import { ServerWords } from './Ident'
import { pathOfId } from './IdLink'
import { groupsOf, plain } from './schema'
import { fieldOf, LACKS } from './useForm'

const refusal = (param: string | null): Refusal =>
  new Refusal({ type: '', title: '', status: 422, detail: '', code: 'invalid_field', param, retryable: false, doc_url: '', request_id: '' })

test('a problem is put at its field', () => {
  const fields = ['name', 'tags', 'settings.host', 'days']
  expect(fieldOf(refusal('name'), fields)).toBe('name')
  expect(fieldOf(refusal('tags[1]'), fields)).toBe('tags')
  expect(fieldOf(refusal('settings.host'), fields)).toBe('settings.host')
  expect(fieldOf(refusal('expires_at'), fields, { expires_at: 'days' })).toBe('days')
  expect(fieldOf(refusal('settings.port'), fields)).toBe(null)
  expect(fieldOf(refusal(null), fields)).toBe(null)
})

test.each([
  ['`name` must not be empty.', true],
  ['Object missing required field: `name` is missing.', true],
  ['`email` must be a string of at least 3 characters.', true],
  ['`system_id` must be 1 to 15 letters, digits, `.`, `_` and `-`, and begin with a letter or digit.', true],
  ['`application` must have no line breaks and other control characters.', true],
  ['An endpoint with this URL exists.', false],
  ['Give either `password` or `passkey`.', false],
])('of an empty field, %s says that it is needed: %s', (detail, lacks) => {
  expect(LACKS.test(detail)).toBe(lacks)
})

test.each(Object.keys(TONGUES) as Tongue[])('code in %s has method, address, body and the key by name', (tongue) => {
  const code = codeOf(tongue, { operation: 'PATCH /v1/keys/{id}', path: { id: 'key_1' }, query: { a: ['x', 'y'] }, body: { name: "it's" }, account: 'acc_1' })
  for (const part of ['PATCH', '/v1/keys/key_1?a=x&a=y', 'ONESIXTY_KEY', 'Onesixty-Account', 'acc_1', 'name']) expect(code).toContain(part)
})

test('a text with quotes survives the shell', () => {
  expect(codeOf('curl', { operation: 'POST /v1/keys', body: { name: "it's" } })).toContain(String.raw`it'\''s`)
})

test('filters are suggested by what is typed', () => {
  const fields = [
    { name: 'status', label: 'Status', kind: 'choice', many: true, options: [{ value: 'failed', label: 'Failed' }, { value: 'sent', label: 'Sent' }] },
    { name: 'to', label: 'Recipient', kind: 'text', accepts: (text: string) => /^\+?\d+$/.test(text) },
    { name: 'tag', label: 'Tag', kind: 'text' },
    { name: 'country', label: 'Country', kind: 'text', reads: country },
  ] as const
  expect(suggestionsFor(fields, '').map(({ key }) => key)).toEqual(['status=failed', 'status=sent'])
  expect(suggestionsFor(fields, 'fai')[0]?.key).toBe('status=failed')
  expect(suggestionsFor(fields, '+4915')[0]?.key).toBe('to=+4915')
  expect(suggestionsFor(fields, 'status').map(({ key }) => key)).toContain('status=sent')
  expect(suggestionsFor(fields, 'de').map(({ key }) => key)).toContain('country=de')
  expect(suggestionsFor(fields, 'nonsense').map(({ key }) => key)).toEqual(['tag=nonsense', 'to=nonsense'])
})

test('behind a minus or an exclamation mark is what is left out', () => {
  const status = { name: 'status', label: 'Status', kind: 'choice', many: true, options: [{ value: 'failed', label: 'Failed' }, { value: 'sent', label: 'Sent' }] } as const
  const tag = { name: 'tag', label: 'Tag', kind: 'text' } as const
  const fields = [status, { ...status, name: 'status_not', label: 'Status is not', negates: 'status' }, tag, { ...tag, name: 'tag_not', label: 'Tag is not', many: true, negates: 'tag' }]
  expect(suggestionsFor(fields, 'fai').map(({ key }) => key)).toEqual(['status=failed', 'tag=fai'])
  expect(suggestionsFor(fields, '-fai').map(({ key }) => key)).toEqual(['status_not=failed', 'tag_not=fai', 'tag=-fai'])
  expect(suggestionsFor(fields, '! fai').map(({ key }) => key)).toEqual(['status_not=failed', 'tag_not=fai', 'tag=! fai'])
  expect(suggestionsFor(fields, '-').map(({ key }) => key)).toEqual(['status_not=failed', 'status_not=sent', 'tag=-'])
  expect(suggestionsFor(fields, '').map(({ key }) => key)).toEqual(['status=failed', 'status=sent'])
})

test('money keeps every digit', () => {
  const format = formatIn('en', 'UTC')
  expect(format.money('0.0075', 'EUR')).toBe('€0.0075')
  expect(format.money('12345678901234567890.5', 'USD')).toBe('$12,345,678,901,234,567,890.50')
  expect(format.money('3', 'XXZ')).toContain('3.00')
})

test('times are of the zone and language', () => {
  expect(formatIn('en', 'UTC').moment('2026-11-29T12:00:00.123Z')).toContain('12:00:00.123 UTC')
  expect(formatIn('en', 'Asia/Tokyo').moment('2026-11-29T12:00:00.123Z')).toContain('21:00:00.123')
  const now = Date.parse('2026-11-29T12:00:00Z')
  expect(formatIn('fr', 'UTC').relative('2026-11-29T11:00:00Z', now)).toBe('il y a 1 heure')
  expect(formatIn('ar-u-nu-latn', 'UTC').number(1234)).toMatch(/1.?234/)
})

test('an id has a path if its page exists', () => {
  expect(pathOfId('key_01', { '/keys/$id': {} })).toBe('/keys/key_01')
  expect(pathOfId('key_01', {})).toBe(null)
  expect(pathOfId('shop', { '/keys/$id': {} })).toBe(null)
})

test('an optional field of a schema is the field', () => {
  expect(plain({ anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }], title: 'Rate' })).toEqual({ type: 'integer', minimum: 1, title: 'Rate' })
  expect(plain({ type: ['string', 'null'] })).toEqual({ type: 'string' })
})

test('a field that stands elsewhere in the schema is the field, with its own title', () => {
  const defs = { TonNpi: { type: 'object', properties: { ton: { type: 'integer' } } } }
  expect(plain({ allOf: [{ $ref: '#/$defs/TonNpi' }], title: 'Kinds', 'x-group': 'writing' }, defs)).toEqual({ ...defs.TonNpi, title: 'Kinds', 'x-group': 'writing' })
  expect(plain({ anyOf: [{ $ref: '#/$defs/TonNpi' }, { type: 'null' }] }, defs)).toEqual(defs.TonNpi)
})

test('fields are in the order of groups', () => {
  const schema = {
    properties: { window: { 'x-group': 'rate' }, host: { 'x-group': 'address' }, port: { 'x-group': 'address' } },
    'x-groups': [{ name: 'address', title: 'Address' }, { name: 'rate', title: 'Rate' }],
  }
  expect(groupsOf(schema).map(({ fields }) => fields)).toEqual([['host', 'port'], ['window']])
  expect(groupsOf({ properties: { a: {}, b: {} } }).map(({ fields }) => fields)).toEqual([['a', 'b']])
})

test.each([
  ['List what `GET /v1/keys` and `x` list.', 'List what <code dir="ltr">GET /v1/keys</code> and <code dir="ltr">x</code> list.'],
  ['A single ` stays.', 'A single ` stays.'],
])('the words of the server have code between backticks: %s', (words, shown) => {
  expect(renderToStaticMarkup(<ServerWords>{words}</ServerWords>)).toBe(`<bdi lang="en" dir="ltr">${shown}</bdi>`)
})
