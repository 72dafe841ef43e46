import { expect, test } from 'vitest'
import { type ApiDocument, matches, operationsOf, parametersOf, resolved } from './document'

const DOCUMENT: ApiDocument = {
  info: { title: 'onesixty', version: '1' },
  tags: [{ name: 'messages', description: '' }, { name: 'keys', description: '' }],
  paths: {
    '/v1/keys': { get: { operationId: 'list_keys', summary: 'List keys', tags: ['keys'], responses: {} } },
    '/v1/sms/send': {
      post: {
        operationId: 'send_message', summary: 'Send a message', tags: ['messages'], responses: {},
        parameters: [{ $ref: '#/components/parameters/Mode' }, { name: 'status', in: 'query', schema: { type: 'array', items: { $ref: '#/components/schemas/Status' } } }],
      },
    },
  },
  components: {
    parameters: { Mode: { name: 'Onesixty-Mode', in: 'header', schema: { type: 'string' } } },
    schemas: { Status: { type: 'string', enum: ['queued', 'sent'], description: 'of the schema' } },
  },
}

test('operations stand in the order of the groups', () => {
  expect(operationsOf(DOCUMENT).map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1/sms/send', 'GET /v1/keys'])
})

test('all words must be there, in any part of what an operation says', () => {
  const [send, list] = operationsOf(DOCUMENT)
  if (send === undefined || list === undefined) throw new Error('two operations')
  for (const words of ['', 'send', 'message send', 'POST /v1/sms', 'SEND_MESSAGE', 'messages']) expect(matches(send, words), words).toBe(true)
  for (const words of ['send key', 'get']) expect(matches(send, words), words).toBe(false)
  expect(matches(list, 'get keys')).toBe(true)
})

test('references of parameters are followed', () => {
  const [send] = operationsOf(DOCUMENT)
  const [mode, status] = parametersOf(DOCUMENT, send as never)
  expect(mode?.name).toBe('Onesixty-Mode')
  expect(resolved(DOCUMENT, status?.schema ?? {})).toEqual({ type: 'array', items: { type: 'string', enum: ['queued', 'sent'], description: 'of the schema' } })
  expect(resolved(DOCUMENT, { $ref: '#/components/schemas/Status', description: 'of the field' }).description).toBe('of the field')
  expect(resolved(DOCUMENT, { anyOf: [{ $ref: '#/components/schemas/Status' }, { type: 'null' }] }).anyOf?.[0]?.enum).toEqual(['queued', 'sent'])
})
