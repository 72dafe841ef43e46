// Saved views as the list of them is shown: those that this browser used last come first.
import type { components } from '../api/schema'

export type View = components['schemas']['SavedViewView']
export const VIEWS = '/v1/saved-views'

const KEY = 'onesixty-views-used'
const MOST = 50

/** The ids of the views that were opened here, last used first. */
export function usedViews(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(found) ? found.filter((id): id is string => typeof id === 'string') : []
  } catch {
    return [] // a browser that keeps nothing
  }
}

/** Note that a view was opened. */
export function noteUsed(id: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([id, ...usedViews().filter((each) => each !== id)].slice(0, MOST)))
  } catch {
    // The order then stays that of the API.
  }
}

/** Last used first; those that were never used here keep their order behind them. */
export function usedFirst(views: readonly View[], used: readonly string[]): View[] {
  const place = (view: View): number => {
    const found = used.indexOf(view.id)
    return found === -1 ? used.length : found
  }
  return views.toSorted((one, other) => place(one) - place(other))
}

/** What of a search can be saved: values that are set. */
export function savedOf(search: object): View['search'] {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as View['search']
}
