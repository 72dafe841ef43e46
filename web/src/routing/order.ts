// The order of routes as a person changes it, and what differs from the order that holds.
import type { Route } from './route'

/** The list with one entry at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = list.filter((_, place) => place !== from)
  const one = list[from]
  return one === undefined ? [...list] : [...rest.slice(0, to), one, ...rest.slice(to)]
}

/** The rows in this order; rows that it does not name stand behind. */
export function ordered<T extends { id: string }>(rows: readonly T[], ids: readonly string[]): T[] {
  const named = ids.flatMap((id) => rows.filter((row) => row.id === id))
  return [...named, ...rows.filter((row) => !ids.includes(row.id))]
}

export type Move = { id: string; from: number; to: number }

/** The entries that were moved: the fewest whose moves make the one order of the other. Places begin with 1. */
export function movesBetween(before: readonly string[], after: readonly string[]): Move[] {
  const stays = longestRun(after.map((id) => before.indexOf(id)))
  return after.flatMap((id, place) => {
    const from = before.indexOf(id)
    return stays.has(from) || from < 0 ? [] : [{ id, from: from + 1, to: place + 1 }]
  })
}

/** The values of the longest run that rises. */
function longestRun(values: readonly number[]): Set<number> {
  const runs: number[][] = []
  for (const value of values) {
    const best = runs.reduce<number[]>((found, run) => ((run.at(-1) ?? 0) < value && run.length > found.length ? run : found), [])
    runs.push([...best, value])
  }
  return new Set(runs.reduce((found, run) => (run.length > found.length ? run : found), []))
}

/** The routes that take a message only if it names them: a route without filters ends the search before. */
export function neverReached(routes: readonly Route[]): Set<string> {
  const end = routes.findIndex((route) => route.enabled && Object.keys(route.match).length === 0)
  return new Set(end < 0 ? [] : routes.slice(end + 1).map(({ id }) => id))
}

export type Since = { made: Route[]; gone: Route[]; changed: [before: Route, now: Route][] }

/** What others did to the routes since they were read. */
export function since(seen: readonly Route[], now: readonly Route[]): Since {
  const before = new Map(seen.map((route) => [route.id, route]))
  const there = new Set(now.map(({ id }) => id))
  return {
    made: now.filter(({ id }) => !before.has(id)),
    gone: seen.filter(({ id }) => !there.has(id)),
    changed: now.flatMap((route) => {
      const known = before.get(route.id)
      return known === undefined || known.version === route.version ? [] : [[known, route] satisfies [Route, Route]]
    }),
  }
}
