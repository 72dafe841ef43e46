// What an entry of the audit log says of a change: the fields that differ, before and after.

export type Change = { field: string; before: string | null; after: string | null }

type Fields = Record<string, unknown> | null

/** The fields of both sides in their order. A side that an entry does not have is null. */
export function changesOf(before: Fields, after: Fields): Change[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...fields].map((field) => ({ field, before: shown(before, field), after: shown(after, field) }))
}

/** What the changed thing is called, if the entry says so: it need not be there any more. */
export function nameIn({ before, after }: { before: Fields; after: Fields }): string | undefined {
  const name = after?.name ?? before?.name
  return typeof name === 'string' && name !== '' ? name : undefined
}

function shown(fields: Fields, field: string): string | null {
  if (fields === null || !(field in fields)) return null
  const value = fields[field]
  return typeof value === 'string' ? value : JSON.stringify(value)
}
