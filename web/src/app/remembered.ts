// The preferences of who is signed in, as the server keeps them. What the server has counts; what it does not have
// stays as this browser has it.
import { connect, take } from '../api/client'
import type { components } from '../api/schema'
import { changeLanguage, currentLanguage } from '../i18n/i18n'
import { isLanguage } from '../i18n/languages'
import { type Name, type Preferences, preferences } from './preferences'
import { HOME } from './where'

export type Kept = components['schemas']['PreferencesView']
type Change = components['schemas']['PreferencesChange']

/** The choices that the server has, in the words of this browser. */
export function chosenFrom(kept: Kept): Partial<Preferences> {
  const onOff = (value: boolean | null): 'on' | 'off' | undefined => (value === null ? undefined : value ? 'on' : 'off')
  const found: { [K in Name]: Preferences[K] | undefined } = {
    language: isLanguage(kept.language) ? kept.language : undefined,
    zone: kept.time_zone ?? undefined,
    scheme: kept.theme ?? undefined,
    density: kept.density ?? undefined,
    pages: onOff(kept.list_pages),
    letters: onOff(kept.letter_keys),
    firstSteps: kept.first_steps === null ? undefined : kept.first_steps ? 'shown' : 'hidden',
    columns: kept.hidden_columns ?? undefined,
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** A choice of this browser, in the words of the API. */
export function changeOf(name: Name, before: Record<string, string[]> | null): Change {
  const chosen = preferences.get
  switch (name) {
    case 'language':
      return { language: chosen('language') }
    case 'zone':
      return { time_zone: chosen('zone') }
    case 'scheme':
      return { theme: chosen('scheme') }
    case 'density':
      return { density: chosen('density') }
    case 'pages':
      return { list_pages: chosen('pages') === 'on' }
    case 'letters':
      return { letter_keys: chosen('letters') === 'on' }
    case 'firstSteps':
      return { first_steps: chosen('firstSteps') === 'shown' }
    case 'columns': {
      // A merge patch: a list that has all its columns again is cleared by its name.
      const now = chosen('columns') ?? {}
      const lists = new Set([...Object.keys(before ?? {}), ...Object.keys(now)])
      const hidden = [...lists].map((list) => [list, (now[list] ?? []).length > 0 ? now[list] : null])
      // The types of the document do not know that null clears a member.
      return { hidden_columns: Object.fromEntries(hidden) as Change['hidden_columns'] }
    }
  }
}

const api = connect(HOME, { gated: false })
let columns: Record<string, string[]> | null = null

/** Take over what the server keeps of who is signed in. Throws a `Refusal`. */
export async function readRemembered(): Promise<void> {
  const kept = chosenFrom(await take(api.GET('/v1/me/preferences')))
  for (const name of Object.keys(kept) as Name[]) apply(name, kept)
  columns = kept.columns ?? null
  if (kept.language !== undefined && kept.language !== currentLanguage()) await changeLanguage(kept.language, { told: false })
}

/** Tell the server of a choice. What cannot be written now is written with the next choice of its kind; this browser
 * has it anyhow. */
export async function tellServer(name: Name): Promise<void> {
  const body = changeOf(name, columns)
  columns = preferences.get('columns')
  await take(api.PATCH('/v1/me/preferences', { body })).catch(() => undefined)
}

const apply = <K extends Name>(name: K, kept: Partial<Preferences>): void => {
  const value = kept[name]
  if (value !== undefined) preferences.set(name, value, { told: false })
}
