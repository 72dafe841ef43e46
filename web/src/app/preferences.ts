// What a person chose for themselves: language, time zone, density, and the like.
//
// Rules kept here:
// - a choice is kept in this browser, so that it counts before one has signed in. Of who is signed in, the server
//   keeps it too (`app/following.ts`), and each of their browsers has it;
// - a value that is none of the allowed ones counts as not chosen.
import { useSyncExternalStore } from 'react'
import type { Language } from '../i18n/languages'
import { isLanguage } from '../i18n/languages'

export type Preferences = {
  language: Language
  /** `local`, or an IANA zone such as `UTC`. */
  zone: string
  scheme: 'light' | 'dark' | 'auto'
  density: 'comfortable' | 'compact'
  /** Lists in pages, in place of endless ones. */
  pages: 'on' | 'off'
  /** Whether single letters are shortcuts (WCAG 2.1.4). */
  letters: 'on' | 'off'
  /** The list of first steps on the first page. */
  firstSteps: 'shown' | 'hidden'
  /** The columns that are hidden, by the path of their list. */
  columns: Record<string, string[]>
}

export type Name = keyof Preferences

const oneOf =
  <const T extends string>(...allowed: T[]) =>
  (value: string): T | null =>
    allowed.find((each) => each === value) ?? null

const check: { [K in Name]: (value: string) => Preferences[K] | null } = {
  language: (value) => (isLanguage(value) ? value : null),
  zone: (value) => (value === 'local' || isZone(value) ? value : null),
  scheme: oneOf('light', 'dark', 'auto'),
  density: oneOf('compact', 'comfortable'),
  pages: oneOf('on', 'off'),
  letters: oneOf('on', 'off'),
  firstSteps: oneOf('shown', 'hidden'),
  columns: columnsOf,
}

const PREFIX = 'onesixty-'
const listeners = new Set<() => void>()
const watchers = new Set<(name: Name) => void>()
/** What was read of each text, so that the same choice is the same object. A browser that keeps nothing has it here. */
const read = new Map<Name, { text: string; value: unknown }>()

function stored(name: Name): string | null {
  try {
    return localStorage.getItem(PREFIX + name)
  } catch {
    return read.get(name)?.text ?? null // a browser that keeps nothing
  }
}

export const preferences = {
  get<K extends Name>(name: K): Preferences[K] | null {
    const text = stored(name)
    if (text === null) return null
    const before = read.get(name)
    // `set` and this wrote what `check` gave for the same name.
    if (before?.text === text) return before.value as Preferences[K] | null
    const value = check[name](text)
    read.set(name, { text, value })
    return value
  },

  /** Choose. `told` false: it is what the server has already. */
  set<K extends Name>(name: K, value: Preferences[K], { told = true }: { told?: boolean } = {}): void {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    read.set(name, { text, value })
    try {
      localStorage.setItem(PREFIX + name, text)
    } catch {
      // The choice then lasts as long as the page.
    }
    for (const listener of listeners) listener()
    if (told) for (const watcher of watchers) watcher(name)
  },

  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    window.addEventListener('storage', listener)
    return () => {
      listeners.delete(listener)
      window.removeEventListener('storage', listener)
    }
  },

  /** Be told of each choice that is made in this page. */
  watch(watcher: (name: Name) => void): () => void {
    watchers.add(watcher)
    return () => void watchers.delete(watcher)
  },
}

/** A preference, followed by the component that asks. */
export function usePreference<K extends Name>(name: K, otherwise: Preferences[K]): Preferences[K] {
  return useSyncExternalStore(preferences.subscribe, () => preferences.get(name)) ?? otherwise
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function columnsOf(value: string): Record<string, string[]> | null {
  try {
    const found: unknown = JSON.parse(value)
    if (typeof found !== 'object' || found === null) return null
    const lists = Object.entries(found).filter((entry): entry is [string, string[]] => Array.isArray(entry[1]) && entry[1].every((name) => typeof name === 'string'))
    return Object.fromEntries(lists)
  } catch {
    return null
  }
}
