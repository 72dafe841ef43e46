// Where what a finding names is to be found, by its name.

export type Place = { carrier: string } | { webhook: string; account: string } | { nodes: true }

/** The places of the carriers, webhooks and nodes among the values of a finding. */
export function placesIn(values: Record<string, unknown>): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const each of listOf(values.carriers)) {
    const name = typeof each === 'object' ? textOf(each, 'name') : each
    if (name !== null) places.set(name, { carrier: name })
  }
  for (const each of listOf(values.webhooks)) {
    if (typeof each !== 'object') continue
    const [webhook, account] = [textOf(each, 'webhook'), textOf(each, 'account')]
    if (webhook !== null && account !== null) places.set(webhook, { webhook, account })
  }
  for (const each of listOf(values.nodes)) if (typeof each === 'string') places.set(each, { nodes: true })
  return places
}

const listOf = (value: unknown): (string | object)[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string' || (typeof each === 'object' && each !== null)) : []

function textOf(of: object, name: string): string | null {
  const value: unknown = Object.entries(of).find(([each]) => each === name)?.[1]
  return typeof value === 'string' ? value : null
}
