// A route as it is edited: its form, the bodies that the API takes, and how two versions of it differ.
//
// Rules kept here:
// - carriers stand in steps: those of one step share the messages by weight, and the next step takes what they cannot.
//   The order is the place of the step;
// - two versions are compared in one normal form, so that `["a"]` and `[{ carrier: "a", order: 1 }]` are equal;
// - a change sends only what differs. What another operator changed beside it stays.
import type { components } from '../api/schema'
import { KINDS, type Kind, LISTS, type Match, type Route, type Window } from './route'

export type Body = components['schemas']['NewRouteBody'] & { match: Match; priority: number; enabled: boolean }
export type Change = components['schemas']['RouteChangeBody']

export type Part = { carrier: string; weight: number | ''; sender: string }
export type Values = { name: string; enabled: boolean; priority: number | ''; match: Match; carriers: Part[][] }

export const PRIORITY = 100
export const FIELDS = ['name', 'enabled', 'priority', ...KINDS, 'carriers'] as const
export type Field = (typeof FIELDS)[number]

export const part = (carrier = ''): Part => ({ carrier, weight: 1, sender: '' })

export const EMPTY: Values = { name: '', enabled: true, priority: PRIORITY, match: {}, carriers: [[part()]] }

/** A route as the form has it. */
export function valuesOf(route: Pick<Route, 'name' | 'enabled' | 'priority' | 'match' | 'carriers'>): Values {
  const placed = route.carriers.map((given, place) => {
    const one = typeof given === 'string' ? { carrier: given } : given
    return { order: one.order ?? place + 1, part: { carrier: one.carrier, weight: one.weight ?? 1, sender: one.sender ?? '' } }
  })
  const orders = [...new Set(placed.map(({ order }) => order))].toSorted((a, b) => a - b)
  return {
    name: route.name, enabled: route.enabled, priority: route.priority, match: matchOf(route.match),
    carriers: orders.map((order) => placed.filter((one) => one.order === order).map((one) => one.part)),
  }
}

/** The form as a whole route. */
export const bodyOf = (values: Values): Body => ({
  name: values.name.trim(),
  carriers: carriersOf(values.carriers),
  match: matchOf(values.match),
  priority: values.priority === '' ? PRIORITY : values.priority,
  enabled: values.enabled,
})

/** The normal form of a route. */
export const normal = (route: Route): Body => bodyOf(valuesOf(route))

/** Names alone, where each carrier has a step of its own and no sender: as the API shows them. */
function carriersOf(steps: Part[][]): Body['carriers'] {
  const plain = steps.every((step) => step.length === 1 && step[0]?.sender.trim() === '')
  if (plain) return steps.flat().map(({ carrier }) => carrier.trim())
  return steps.flatMap((step, place) =>
    step.map(({ carrier, weight, sender }) => ({
      carrier: carrier.trim(),
      order: place + 1,
      weight: weight === '' ? 1 : weight,
      ...(sender.trim() === '' ? {} : { sender: sender.trim() }),
    })),
  )
}

/** The filters that are set. */
function matchOf(match: Match): Match {
  const lists = LISTS.flatMap((kind) => ((match[kind] ?? []).length === 0 ? [] : [[kind, match[kind]]]))
  const times = (match.times ?? []).map(windowOf)
  return { ...Object.fromEntries(lists), ...(times.length === 0 ? {} : { times }) }
}

/** A window without what is its default anyway, as the API shows it. */
function windowOf({ from, to, weekdays = [], zone }: Window): Window {
  return {
    ...(from === undefined || from === '00:00' ? {} : { from }),
    ...(to === undefined || to === '24:00' ? {} : { to }),
    ...(weekdays.length === 0 ? {} : { weekdays }),
    ...(zone === undefined || zone === 'UTC' ? {} : { zone }),
  }
}

const isFilter = (field: Field): field is Kind => KINDS.some((kind) => kind === field)

const valueOf = (body: Body, field: Field): unknown => (isFilter(field) ? body.match[field] : body[field])

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** The fields in which two versions differ. Without one of them, those that the other has. */
export function differences(before: Body | null, after: Body | null): Field[] {
  return FIELDS.filter((field) => {
    const [one, other] = [before, after].map((body) => (body === null ? undefined : valueOf(body, field)))
    return !same(one, other)
  })
}

/** What a PATCH says: the fields that differ, null for a filter that is gone. */
export function patchOf(before: Body, after: Body): Change {
  const changed = differences(before, after)
  const filters = changed.filter(isFilter)
  const match = Object.fromEntries(filters.map((kind) => [kind, after.match[kind] ?? null]))
  return {
    ...Object.fromEntries(changed.filter((field) => !isFilter(field)).map((field) => [field, valueOf(after, field)])),
    // A merge patch has null for a filter that goes, which the type of a match does not know.
    ...(filters.length === 0 ? {} : { match: match as Match }),
  }
}

/** My changes since `base`, on top of what others made of it. */
export function merged(base: Body, theirs: Body, mine: Body): Body {
  const own = differences(base, mine)
  const pick = (field: Field): Body => (own.includes(field) ? mine : theirs)
  return {
    name: pick('name').name,
    carriers: pick('carriers').carriers,
    priority: pick('priority').priority,
    enabled: pick('enabled').enabled,
    match: matchOf(Object.fromEntries(KINDS.map((kind) => [kind, pick(kind).match[kind]]))),
  }
}
