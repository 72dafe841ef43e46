// What one fills in for an operation, and the request that it makes.
//
// Rules kept here:
// - ids of examples are no ids of this account: path parameters begin empty, and show them as a hint;
// - a body begins with the example, and is sent as it is written: the server says what is wrong with it;
// - what is tried and what is shown as code is one request (`parts/code.ts`).
import { type ApiDocument, type Operation, type Parameter, parametersOf, resolved } from '../api/document'
import { type Operation as Name, OPERATIONS, type Scope } from '../api/scopes'
import { type Request as Coded, urlOf } from '../parts/code'
import { plain, type Schema, type SchemaValues } from '../parts/schema'

export type Draft = {
  path: Record<string, string>
  query: SchemaValues
  reason: string
  body: string
  file: File | null
}

/** `POST /v1/sms/send`: as `api/scopes.ts` names it. */
export const nameOf = ({ method, path }: Operation): Name => `${method} ${path}` as Name

/** The right that an operation needs; null: none. */
export const scopeOf = (operation: Operation): Scope | null => OPERATIONS[nameOf(operation)] ?? null

export type Shape = {
  path: Parameter[]
  /** The fields of the query, as a schema; null if there are none. */
  query: Schema | null
  /** Whether one may say why one does it. */
  reason: boolean
  /** What the body is: JSON, a file of one of these types, or nothing. */
  body: { kind: 'json' } | { kind: 'file'; types: string[] } | null
}

/** What an operation asks for. Account and mode are those of the page. */
export function shapeOf(document: ApiDocument, operation: Operation): Shape {
  const parameters = parametersOf(document, operation)
  const query = parameters.filter((each) => each.in === 'query')
  const kinds = Object.keys(operation.requestBody?.content ?? {})
  const json = kinds.some((kind) => kind.endsWith('json'))
  return {
    path: parameters.filter((each) => each.in === 'path'),
    query: query.length === 0 ? null : {
      type: 'object',
      required: query.filter((each) => each.required === true).map(({ name }) => name),
      properties: Object.fromEntries(query.map(({ name, schema, description }) => [name, { ...plain(resolved(document, schema)), title: name, description }])),
    },
    reason: parameters.some((each) => each.in === 'header' && each.name === REASON),
    body: json ? { kind: 'json' } : kinds.length > 0 ? { kind: 'file', types: kinds } : null,
  }
}

const REASON = 'Onesixty-Reason'

export function firstDraft(operation: Operation): Draft {
  const example = Object.entries(operation.requestBody?.content ?? {}).find(([kind]) => kind.endsWith('json'))?.[1].example
  return { path: {}, query: {}, reason: '', body: example === undefined ? '' : JSON.stringify(example, null, 2), file: null }
}

/** The request as it is shown as code. A body that is no JSON yet is left out. */
export function codedOf(operation: Operation, draft: Draft): Coded {
  const body = jsonOf(draft.body)
  return { operation: nameOf(operation), path: filledOf(draft.path), query: draft.query, ...(body === undefined ? {} : { body }) }
}

/** The request as it is sent, by session. `headers` say where. */
export function requestOf(operation: Operation, draft: Draft, headers: Record<string, string>, signal: AbortSignal): Request {
  const sent = new Headers({ ...headers, 'X-Onesixty-Console': '1' })
  if (draft.reason !== '') sent.set(REASON, draft.reason)
  // Also without a body: a form of another site cannot send this type (`people.csrf`).
  if (operation.method !== 'GET') sent.set('Content-Type', draft.file?.type || 'application/json')
  const body = operation.method === 'GET' ? undefined : (draft.file ?? (draft.body.trim() === '' ? undefined : draft.body))
  return new Request(urlOf({ operation: nameOf(operation), path: filledOf(draft.path), query: draft.query }), { method: operation.method, headers: sent, body, signal })
}

/** The value of a JSON text; undefined if it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An empty path parameter stays as its name, so that the address is never another one. */
const filledOf = (path: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(path).filter(([, value]) => value.trim() !== '').map(([name, value]) => [name, value.trim()]))
