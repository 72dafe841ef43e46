import { afterEach, expect, test, vi } from 'vitest'
import type { Described } from '../api/document'
import { Caller, signedBy, type State, warningFor } from './caller'
import { curlOf } from './curl'
import { followed } from './follow'

const me = (mode: 'live' | 'test', ...scopes: string[]) => ({ mode, scopes }) as Extract<State, { by: 'key' }>['me']
const NOBODY: State = { by: 'nobody' }
const key = (mode: 'live' | 'test', ...scopes: string[]): State => ({ by: 'key', key: 'os_test_1', me: me(mode, ...scopes) })
const session = (mode: 'live' | 'test', ...scopes: string[]): State => ({ by: 'session', me: me(mode, ...scopes) })

afterEach(() => vi.unstubAllGlobals())

test('a key is sent alone, a session with what shows that this site asks', () => {
  expect(signedBy(key('test'), 'POST', { 'Content-Type': 'application/json' })).toEqual({
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer os_test_1' }, credentials: 'omit',
  })
  expect(signedBy(session('test'), 'DELETE', {})).toEqual({
    headers: { 'X-Onesixty-Console': '1', 'Onesixty-Mode': 'test', 'Content-Type': 'application/json' }, credentials: 'same-origin',
  })
  expect(signedBy(session('live'), 'PATCH', { 'content-type': 'application/merge-patch+json' }).headers).toEqual({
    'X-Onesixty-Console': '1', 'content-type': 'application/merge-patch+json',
  })
  expect(signedBy(session('test'), 'GET', { 'Onesixty-Mode': 'live' }).headers['Onesixty-Mode'], 'as one typed it').toBe('live')
  expect(signedBy(NOBODY, 'GET', {})).toEqual({ headers: {}, credentials: 'omit' })
})

test('what stands against a call is said before it', () => {
  const both: Described = { operationId: 'x', responses: {}, security: [{ key: [] }, { session: [] }], 'x-scope': 'messages:send' }
  expect(warningFor(NOBODY, 'GET', { operationId: 'health', responses: {} })).toBeNull()
  expect(warningFor(NOBODY, 'GET', both)?.text).toContain('401')
  expect(warningFor(key('test'), 'POST', both)?.text).toContain('Your key lacks the scope messages:send')
  expect(warningFor(session('test'), 'POST', both)?.text).toContain('Your role lacks')
  expect(warningFor(key('test', 'messages:send'), 'POST', both)).toBeNull()
  expect(warningFor(key('live', 'messages:send'), 'POST', both)?.tone).toBe('warn')
  expect(warningFor(key('live', 'messages:send'), 'GET', both)).toBeNull()
  expect(warningFor(session('test'), 'GET', { ...both, 'x-live-only': true })?.text).toContain('live mode only')
  expect(warningFor(key('live'), 'GET', { ...both, security: [{ session: [] }] })?.text).toContain('signed in')
})

test('a key that is none is refused with the words of the server', async () => {
  vi.stubGlobal('fetch', async () => new Response('{"detail": "The key is unknown."}', { status: 401 }))
  const caller = new Caller()
  await caller.use('os_test_wrong')
  expect(caller.now()).toEqual({ by: 'nobody', refused: 'The key is unknown.' })
  await caller.find()
  expect(caller.now().by, 'no session').toBe('nobody')
})

test('a command has no secret, and is quoted', () => {
  expect(curlOf({ url: 'http://h/v1/sms/send', method: 'POST', headers: { accept: 'application/json', Authorization: 'Bearer os_live_x', 'Content-Type': 'application/json' }, body: `{"text": "it's"}` })).toBe(
    [`curl -X POST 'http://h/v1/sms/send'`, `-H "Authorization: Bearer $ONESIXTY_KEY"`, `-H 'Content-Type: application/json'`, String.raw`-d '{"text": "it'\''s"}'`].join(' \\\n  '),
  )
})

test('references are followed, and a schema that contains itself ends', () => {
  const document = {
    paths: { '/v1/a': { get: { parameters: [{ $ref: '#/components/parameters/Mode' }], answer: { $ref: '#/components/schemas/Tree', description: 'here' } } } },
    components: {
      parameters: { Mode: { name: 'Onesixty-Mode', in: 'header' } },
      schemas: { Tree: { properties: { leaf: { $ref: '#/components/schemas/Leaf' }, under: { items: { $ref: '#/components/schemas/Tree' } } } }, Leaf: { type: 'string' } },
    },
  }
  expect(followed(document, ['paths', '/v1/a', 'get'])).toEqual({
    parameters: [{ name: 'Onesixty-Mode', in: 'header' }],
    answer: {
      title: 'Tree', description: 'here',
      properties: { leaf: { title: 'Leaf', type: 'string' }, under: { items: { $ref: '#/components/schemas/Tree' } } },
    },
  })
  expect(followed(document, ['components', 'securitySchemes'])).toBeUndefined()
})
