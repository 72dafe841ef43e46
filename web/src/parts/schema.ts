// JSON Schema as the product writes it for settings: titles, groups, secrets and help (`GET /v1/carrier-types`).

/** As much of JSON Schema as the product's own schemas have. */
export type Schema = {
  $ref?: string
  $defs?: Record<string, Schema>
  allOf?: Schema[]
  anyOf?: Schema[]
  type?: string | string[]
  title?: string
  description?: string
  default?: unknown
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  propertyNames?: Schema
  required?: string[]
  items?: Schema
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  writeOnly?: boolean
  format?: string
  'x-group'?: string
  'x-groups'?: { name: string; title: string }[]
  'x-secret'?: boolean
}

export type SchemaValues = Record<string, unknown>
export type Group = { name: string; title: string; fields: string[] }

/** A field as it is: what is optional (`anyOf` it and null) or stands elsewhere (`$ref`) is resolved. */
export function plain(schema: Schema, defs: Record<string, Schema> = {}): Schema {
  const { $ref, allOf, anyOf, ...own } = schema
  if ($ref !== undefined) return plain({ ...defs[$ref.replace('#/$defs/', '')], ...own }, defs)
  const [whole] = allOf ?? []
  if (whole !== undefined && allOf?.length === 1) return plain({ ...whole, ...own }, defs)
  const some = anyOf?.filter((each) => each.type !== 'null') ?? []
  const [only] = some
  if (only !== undefined && some.length === 1) {
    const resolved = plain(only, defs)
    return { ...resolved, ...own, type: resolved.type }
  }
  if (Array.isArray(schema.type)) return { ...schema, type: schema.type.find((each) => each !== 'null') }
  return schema
}

/** The fields by group, in the order of `x-groups`. One group without a name if the schema has none. */
export function groupsOf(schema: Schema): Group[] {
  const names = Object.keys(schema.properties ?? {})
  const groups = schema['x-groups']
  if (groups === undefined) return [{ name: '', title: '', fields: names }]
  return groups.map(({ name, title }) => ({ name, title, fields: names.filter((field) => schema.properties?.[field]?.['x-group'] === name) }))
}

/** `max_binds` as words, where the schema has no title. */
export const wordsOf = (name: string): string => name.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase())

export const titleOf = (name: string, schema: Schema): string => schema.properties?.[name]?.title ?? wordsOf(name)

export const isValues = (value: unknown): value is SchemaValues => typeof value === 'object' && value !== null && !Array.isArray(value)
