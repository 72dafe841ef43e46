// A part of the document with its references followed, as Swagger UI asks for it when an operation is opened.
//
// Swagger UI's own resolver reads the whole document anew each time, which takes seconds with a document of this size.
// Ours has references within itself alone.

type Node = Record<string, unknown>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)
const at = (document: unknown, path: readonly string[]): unknown => path.reduce<unknown>((found, step) => (isNode(found) ? found[step] : undefined), document)
const stepsOf = (reference: string): string[] => reference.slice(2).split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The part at a path. A schema that contains itself keeps the reference to it. */
export const followed = (document: unknown, path: readonly string[]): unknown => follow(document, at(document, path), [])

function follow(document: unknown, value: unknown, inside: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => follow(document, each, inside))
  if (!isNode(value)) return value
  const { $ref: reference, ...own } = value
  if (typeof reference !== 'string' || !reference.startsWith('#/')) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, follow(document, each, inside)]))
  }
  if (inside.includes(reference)) return value
  const steps = stepsOf(reference)
  const found = follow(document, at(document, steps), [...inside, reference])
  if (!isNode(found)) return found
  // The name of a schema is shown as its title.
  const title = steps[1] === 'schemas' ? { title: steps.at(-1) } : {}
  return { ...title, ...found, ...own }
}
