// The texts of the console in the language of its user.
//
// Rules kept here:
// - a page names the features whose texts it needs (`needTexts`), and is shown once they are there;
// - another language is shown once all texts that were needed so far are there, so that no page is in two languages;
// - ids are typed by the English catalogues (`ids.ts`); a test checks that every language has every id;
// - a word of a newer server (a status that this console does not know) has no text: it is shown as the server wrote it.
import { setupI18n } from '@lingui/core'
import { useSyncExternalStore } from 'react'
import { preferences } from '../app/preferences'
import { catalogue } from './catalogues'
import type { Feature, Id } from './ids'
import { chosenFrom, directionOf, LANGUAGES, type Language } from './languages'

export type Values = Record<string, string | number | Date | null | undefined>

const i18n = setupI18n({ missing: (_, id) => wordOf(id) })
const unknown = new Set<string>()
const needed = new Set<Feature>()
const loaded = new Set<string>()
const listeners = new Set<() => void>()
let language: Language = 'en'
let revision = 0
/** Until the first language is shown, no other one is: it would be shown in its place. */
let beginning = Promise.resolve()

/** The server's own word at the end of an id without a text: `messages.status.on_hold`. Said once to developers. */
function wordOf(id: string): string {
  if (!unknown.has(id)) console.warn(`There is no text for ${id}`)
  unknown.add(id)
  return id.slice(id.lastIndexOf('.') + 1).replaceAll('_', ' ')
}

/** A text. Placeholders and plurals are ICU messages. */
export function t(id: Id, values?: Values): string {
  return i18n._(id, values)
}

/** Whether there is a text: a code of a newer server has none. */
export const hasText = (id: string): id is Id => Object.hasOwn(i18n.messages, id)

/** `t`, for a component: it is rendered again when the language changes. */
export function useT(): typeof t {
  useSyncExternalStore(subscribe, () => revision)
  return t
}

export const currentLanguage = (): Language => language
/** The locale for `Intl`. */
export const locale = (): string => LANGUAGES[language].locale

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, () => language)
}

/** Wait until the texts of these features are there. */
export async function needTexts(...features: Feature[]): Promise<void> {
  for (const feature of features) needed.add(feature)
  await load(language, features)
}

/** Show the console in another language, and remember it. `told` false: the server has it already. */
export async function changeLanguage(to: Language, { told = true }: { told?: boolean } = {}): Promise<void> {
  await beginning
  await load(to, [...needed])
  preferences.set('language', to, { told })
  activate(to)
}

/** The language of the preference, or else of the browser. */
export function beginLanguage(...features: Feature[]): Promise<void> {
  const first = preferences.get('language') ?? chosenFrom(navigator.languages)
  // At once: a page that begins meanwhile needs its texts in this language.
  language = first
  for (const feature of features) needed.add(feature)
  beginning = load(first, features).then(() => activate(first))
  return beginning
}

async function load(into: Language, features: readonly Feature[]): Promise<void> {
  const missing = features.filter((feature) => !loaded.has(`${into}/${feature}`))
  if (missing.length === 0) return
  const found = await Promise.all(missing.map((feature) => catalogue(feature, into)))
  for (const [place, feature] of missing.entries()) {
    i18n.load(into, found[place] ?? {})
    loaded.add(`${into}/${feature}`)
  }
}

function activate(to: Language): void {
  language = to
  revision += 1
  // Plural forms are those of the language; numbers are written in its locale.
  i18n.activate(to, [LANGUAGES[to].locale])
  document.documentElement.lang = to
  document.documentElement.dir = directionOf(to)
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
