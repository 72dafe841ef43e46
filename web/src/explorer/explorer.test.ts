import { afterEach, expect, test, vi } from 'vitest'
import type { ApiDocument, Operation } from '../api/document'
import { type Answer, MOST, send, shown } from './answer'
import { codedOf, firstDraft, requestOf, scopeOf, shapeOf } from './draft'

const DOCUMENT: ApiDocument = {
  info: { title: '', version: '' }, tags: [], paths: {},
  components: { parameters: { Reason: { name: 'Onesixty-Reason', in: 'header', schema: {} }, Mode: { name: 'Onesixty-Mode', in: 'header', schema: {} } }, schemas: {} },
}
const SEND: Operation = {
  method: 'POST', path: '/v1/sms/send', tag: 'messages', operationId: 'send_message', responses: {},
  parameters: [{ $ref: '#/components/parameters/Mode' }, { $ref: '#/components/parameters/Reason' }],
  requestBody: { content: { 'application/json': { example: { to: '+15551234567', text: 'Hi' } } } },
}
const READ: Operation = {
  method: 'GET', path: '/v1/messages/{id}', tag: 'messages', operationId: 'get_message', responses: {},
  parameters: [
    { name: 'id', in: 'path', required: true, schema: { type: 'string' }, example: 'msg_1' },
    { name: 'fields', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
  ],
}
const UPLOAD: Operation = { ...SEND, path: '/v1/documents', requestBody: { content: { 'application/pdf': {}, 'image/png': {} } } }

afterEach(() => vi.unstubAllGlobals())

test('a form has what the operation asks for, without account and mode', () => {
  expect(shapeOf(DOCUMENT, SEND)).toEqual({ path: [], query: null, reason: true, body: { kind: 'json' } })
  const read = shapeOf(DOCUMENT, READ)
  expect(read.path.map(({ name }) => name)).toEqual(['id'])
  expect(read.query?.properties).toEqual({ fields: { type: 'array', items: { type: 'string' }, title: 'fields', description: undefined } })
  expect([read.reason, read.body]).toEqual([false, null])
  expect(shapeOf(DOCUMENT, UPLOAD).body).toEqual({ kind: 'file', types: ['application/pdf', 'image/png'] })
  expect([scopeOf(SEND), scopeOf({ ...READ, path: '/healthz' })]).toEqual(['messages:send', null])
})

test('what is sent is what is shown as code', async () => {
  const draft = { ...firstDraft(SEND), reason: 'a trial' }
  const request = requestOf(SEND, draft, { 'Onesixty-Mode': 'test' }, new AbortController().signal)
  expect(new URL(request.url).pathname).toBe('/v1/sms/send')
  expect(Object.fromEntries(request.headers)).toEqual({ 'content-type': 'application/json', 'onesixty-mode': 'test', 'onesixty-reason': 'a trial', 'x-onesixty-console': '1' })
  expect(await request.json()).toEqual(codedOf(SEND, draft).body)
})

test('a body is sent as it is written', async () => {
  const draft = { ...firstDraft(SEND), body: '{"to": ' }
  expect(codedOf(SEND, draft)).not.toHaveProperty('body')
  expect(await requestOf(SEND, draft, {}, new AbortController().signal).text()).toBe('{"to": ')
})

test('an empty path parameter is never another address', () => {
  const url = (id: string): string => requestOf(READ, { ...firstDraft(READ), path: { id }, query: { fields: ['a', 'b'] } }, {}, new AbortController().signal).url
  expect(url(' ')).toContain('/v1/messages/%7Bid%7D?fields=a&fields=b')
  expect(url('msg_1/../keys')).toContain('/v1/messages/msg_1%2F..%2Fkeys?')
})

async function sent(response: Response): Promise<Answer> {
  vi.stubGlobal('fetch', async () => response)
  const told: Answer[] = []
  await send(new Request('http://localhost/v1/me'), (answer) => told.push(answer))
  const last = told.at(-1)
  if (last === undefined) throw new Error('no answer')
  return last
}

test('a text is read to its end, or to the limit', async () => {
  const whole = await sent(new Response('{"a":1}', { status: 202, headers: { 'Content-Type': 'application/json', 'X-Request-Id': 'req_1' } }))
  expect(whole).toMatchObject({ status: 202, text: '{"a":1}', requestId: 'req_1', open: false, cut: false, file: null })
  expect(shown(whole)).toBe('{\n  "a": 1\n}')
  const long = await sent(new Response('x'.repeat(MOST + 10), { headers: { 'Content-Type': 'text/csv' } }))
  expect([long.text.length, long.cut, long.open]).toEqual([MOST, true, false])
})

test('what is no text is a file', async () => {
  const answer = await sent(new Response(new Uint8Array([1, 2, 3]), { headers: { 'Content-Type': 'application/pdf' } }))
  expect([answer.file?.size, answer.text]).toEqual([3, ''])
})
