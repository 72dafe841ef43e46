// The OpenAPI document with examples (`/docs/openapi.json`), as far as pages show it.
import type { Schema } from '../parts/schema'
import type { Scope } from './scopes'

/** A schema with references. */
export type Referable = Omit<Schema, 'items' | 'anyOf'> & { $ref?: string; items?: Referable; anyOf?: Referable[] }

export type Parameter = {
  name: string
  in: 'path' | 'query' | 'header' | 'cookie'
  required?: boolean
  description?: string
  schema: Referable
  example?: unknown
}

export type Content = { schema?: Referable; example?: unknown }

export type Sample = { lang: string; label: string; source: string }

export type Described = {
  operationId: string
  summary?: string
  description?: string
  tags?: string[]
  parameters?: (Parameter | { $ref: string })[]
  requestBody?: { required?: boolean; content: Record<string, Content> }
  responses: Record<string, { description?: string; content?: Record<string, Content> }>
  /** Who may call it: by a key, by a session. Empty or absent: everybody. */
  security?: Record<string, string[]>[]
  'x-scope'?: Scope
  'x-live-only'?: boolean
  'x-codeSamples'?: Sample[]
}

export type ApiDocument = {
  info: { title: string; version: string; description?: string }
  servers?: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Described>>
  components: { parameters?: Record<string, Parameter>; schemas: Record<string, Referable> }
}

/** One operation with its place: `POST` and `/v1/sms/send`. */
export type Operation = Described & { method: string; path: string; tag: string }

/** All operations, by the groups of the document. */
export function operationsOf(document: ApiDocument): Operation[] {
  const found = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path, tag: operation.tags?.[0] ?? '' })),
  )
  const place = new Map(document.tags.map(({ name }, order) => [name, order]))
  return found.toSorted((one, other) => (place.get(one.tag) ?? Infinity) - (place.get(other.tag) ?? Infinity))
}

/** Whether an operation has all these words in its path, summary, id or group. */
export function matches(operation: Operation, words: string): boolean {
  const said = [operation.method, operation.path, operation.summary, operation.operationId, operation.tag].join(' ').toLowerCase()
  return words.toLowerCase().split(/\s+/).every((word) => said.includes(word))
}

/** The parameters of an operation, those that many operations share among them. */
export const parametersOf = (document: ApiDocument, operation: Described): Parameter[] =>
  (operation.parameters ?? []).flatMap((each) => ('$ref' in each ? (document.components.parameters?.[lastOf(each.$ref)] ?? []) : each))

/** A schema without references, as far down as a parameter needs. */
export function resolved(document: ApiDocument, schema: Referable): Schema {
  const { $ref: reference, ...own } = schema
  const found: Referable = reference === undefined ? own : { ...document.components.schemas[lastOf(reference)], ...own }
  const { items, anyOf, $ref: _, ...whole } = found
  return {
    ...whole,
    ...(items === undefined ? {} : { items: resolved(document, items) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((each) => resolved(document, each)) }),
  }
}

const lastOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1)
