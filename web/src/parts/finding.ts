// What a check of the doctor, a guard of verifications, or a look at a verify profile or a template found, in the person's
// language: from the code and the values that the API tells.
//
// The end of a value's name is its unit. A code or an entry of a list that this console does not know (of a newer server)
// has no words: the sentence of the server stands for it.
import { hasText, locale, type t as text, type Values } from '../i18n/i18n'
import { countryIn, type Format } from './format'

type Item = { state: string } & Record<string, unknown>
export type Found = { code: string; values: Record<string, unknown> }
/** `of`: the feature whose texts have the words. */
export type Words = { of: 'doctor' | 'verify' | 'verify.profile' | 'templates'; t: typeof text; format: Format }

/** So many of a list are named. */
const MOST = 5

const isItem = (value: unknown): value is Item => typeof value === 'object' && value !== null && 'state' in value

/** The finding in words; null if there are none for it. */
export function wordsOf({ code, values }: Found, words: Words): string | null {
  const id = `${words.of}.found.${code}`
  if (!hasText(id)) return null
  const said = written(values, words)
  return said === null ? null : words.t(id, said)
}

function written(values: Record<string, unknown>, words: Words): Values | null {
  const said: Values = {}
  for (const [name, value] of Object.entries(values)) {
    const one = valueOf(name, value, words)
    if (one === null) return null
    said[name] = one
  }
  return said
}

function valueOf(name: string, value: unknown, words: Words): string | number | null {
  const { format } = words
  if (Array.isArray(value)) return listOf(name, value, words)
  // What is not told: who was verified.
  if (value === null) return '…'
  if (name === 'country' && typeof value === 'string') return countryIn(locale(), value)
  if (name.endsWith('_at') && typeof value === 'string') return format.day(value)
  if (typeof value !== 'number') return typeof value === 'string' ? value : null
  if (name.endsWith('_bytes')) return format.size(value)
  if (name.endsWith('_seconds')) return format.duration(value * 1000)
  if (name.endsWith('_ms')) return format.duration(value)
  // A number that a text counts by has to be one; the others are written as numbers are.
  return COUNTED.has(name) ? value : format.number(value)
}

/** Values by which a text has forms. */
const COUNTED = new Set(['count', 'down', 'starts', 'kept_days', 'message_days', 'event_days'])

function listOf(name: string, list: readonly unknown[], words: Words): string | null {
  const one = (each: unknown): string | null => (isItem(each) ? itemOf(each, words) : name === 'countries' ? countryIn(locale(), String(each)) : `\`${String(each)}\``)
  const said = list.slice(0, MOST).map(one)
  const known = said.filter((each) => each !== null)
  if (known.length < said.length) return null
  if (list.length <= MOST) return words.format.list(known)
  return words.t('parts.andMore', { list: known.join(', '), count: words.format.number(list.length - MOST) })
}

function itemOf({ state, ...values }: Item, words: Words): string | null {
  const id = `${words.of}.item.${state}`
  const said = written(values, words)
  return hasText(id) && said !== null ? words.t(id, said) : null
}
