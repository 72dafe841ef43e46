// The form of a verify profile: what it begins with, and what is sent.
//
// Rules kept here:
// - of a change, only what differs is sent; what is emptied is sent as null, and gets its default again;
// - channels stand in their order. A profile has each channel once.
import type { components } from '../api/schema'
import type { Channel } from './verification'
import type { Profile } from './useProfiles'

type Fields = components['schemas']['VerifyProfileFields']
type Change = components['schemas']['VerifyProfileChange']

export const ALPHABETS = ['digits', 'letters', 'both'] as const satisfies readonly Fields['alphabet'][]
export const ORDERS = ['sms', 'email', 'sms,email', 'email,sms'] as const
export type Order = (typeof ORDERS)[number]

export type Values = {
  name: string
  application: string
  code_length: number | ''
  alphabet: (typeof ALPHABETS)[number]
  life: number | ''
  checks: number | ''
  sends: number | ''
  channels: Order
  /** Seconds after which the second channel follows. */
  after: number | ''
  no_report_after: number | ''
  sender: string
  template: string
  language: string
  /** The languages of countries, such as `CH=fr`. */
  languages: string[]
  test_numbers: { number: string; code: string }[]
  /** Where phones offer the code. */
  domain: string
  android_hashes: string[]
  /** What guards may do. */
  countries: string[]
  budget_hour: string
  budget_day: string
  report: string[]
  off: string[]
  /** Thresholds by name, of those that differ from the guard's own. */
  thresholds: Record<string, number | ''>
}

export const BLANK: Values = {
  name: '', application: '', code_length: 6, alphabet: 'digits', life: 600, checks: 5, sends: 5, channels: 'sms', after: 90, no_report_after: 45,
  sender: '', template: '', language: '', languages: [], test_numbers: [], domain: '', android_hashes: [], countries: [], budget_hour: '', budget_day: '', report: [], off: [], thresholds: {},
}

export function valuesOf(profile: Profile): Values {
  const order = ORDERS.find((each) => each === profile.channels.map(({ channel }) => channel).join(','))
  return {
    name: profile.name, application: profile.application, code_length: profile.code_length,
    alphabet: ALPHABETS.find((each) => each === profile.alphabet) ?? 'digits',
    life: profile.life, checks: profile.checks, sends: profile.sends, channels: order ?? 'sms', after: profile.channels[0]?.after ?? BLANK.after,
    no_report_after: profile.no_report_after, sender: profile.sender ?? '', template: profile.template ?? '', language: profile.language ?? '',
    languages: Object.entries(profile.languages).map(([country, language]) => `${country}=${language}`),
    test_numbers: profile.test_numbers.map(({ number, code }) => ({ number, code })),
    domain: profile.formats.domain ?? '', android_hashes: [...(profile.formats.android_hashes ?? [])],
    countries: [...(profile.guards.countries ?? [])], budget_hour: profile.guards.budget_hour ?? '', budget_day: profile.guards.budget_day ?? '',
    report: guardsIn(profile, 'report'), off: guardsIn(profile, 'off'), thresholds: { ...profile.guards.thresholds },
  }
}

const guardsIn = (profile: Profile, mode: 'report' | 'off'): string[] =>
  Object.entries(profile.guards.modes ?? {}).flatMap(([guard, found]) => (found === mode ? [guard] : []))

const numeric = ['code_length', 'life', 'checks', 'sends', 'no_report_after'] as const
const texts = ['sender', 'template', 'language'] as const

/** All fields as the API takes them. An empty number is left to its default. */
export function bodyOf(values: Values): Fields {
  const channels = (values.channels.split(',') as Channel[]).map((channel) => ({ channel, after: values.after === '' ? Number(BLANK.after) : values.after }))
  return {
    name: values.name.trim(),
    application: values.application.trim(),
    alphabet: values.alphabet,
    channels,
    test_numbers: values.test_numbers.filter(({ number, code }) => number.trim() !== '' || code.trim() !== '').map(({ number, code }) => ({ number: number.trim(), code: code.trim() })),
    ...(values.languages.length === 0 ? {} : { languages: languagesOf(values.languages) }),
    ...partsOf(values),
    ...Object.fromEntries(numeric.flatMap((name) => (values[name] === '' ? [] : [[name, values[name]]]))),
    ...Object.fromEntries(texts.flatMap((name) => (values[name].trim() === '' ? [] : [[name, values[name].trim()]]))),
  }
}

/** `CH=fr` as the API takes it. What has no `=` is sent as it is, and refused by its name. */
const languagesOf = (written: readonly string[]): Record<string, string> =>
  Object.fromEntries(written.map((each) => each.split('=')).map(([country = '', language = '']) => [country.trim().toUpperCase(), language.trim()] as const))

/** What guards and formats get. A guard that is named neither as one that reports nor as off is on. */
function partsOf(values: Values, named: readonly string[] = [], thresholds: readonly string[] = []): Pick<Fields, 'formats' | 'guards'> {
  const modes = [...new Set([...named, ...values.report, ...values.off])].map((guard) => [guard, values.off.includes(guard) ? 'off' : values.report.includes(guard) ? 'report' : 'on'] as const)
  const some = (text: string): string | null => (text.trim() === '' ? null : text.trim())
  return {
    formats: { domain: some(values.domain), android_hashes: values.android_hashes },
    guards: {
      countries: values.countries.length === 0 ? null : values.countries.map((country) => country.trim().toUpperCase()),
      budget_hour: some(values.budget_hour), budget_day: some(values.budget_day), modes: Object.fromEntries(modes),
      thresholds: Object.fromEntries([...new Set([...thresholds, ...Object.keys(values.thresholds)])].flatMap((name) => thresholdOf(values, thresholds, name))) as Record<string, number>,
    },
  }
}

/** A threshold that is emptied is sent as null: it is the guard's own again. */
function thresholdOf(values: Values, named: readonly string[], name: string): [string, number | null][] {
  const value = values.thresholds[name] ?? ''
  return value === '' ? (named.includes(name) ? [[name, null]] : []) : [[name, value]]
}

/** What a change sends. */
export function patchOf(before: Values, after: Values): Change {
  const named = [...before.report, ...before.off]
  const thresholds = Object.keys(before.thresholds)
  const dropped = Object.fromEntries(Object.keys(languagesOf(before.languages)).map((country) => [country, null]))
  const languages = before.languages.length === 0 && after.languages.length === 0 ? {} : { languages: { ...dropped, ...languagesOf(after.languages) } }
  const old = { ...bodyOf(before), ...partsOf(before, named, thresholds) } as Record<string, unknown>
  const now = { ...bodyOf(after), ...languages, ...partsOf(after, named, thresholds) } as Record<string, unknown>
  const names = new Set([...Object.keys(old), ...Object.keys(now)])
  return Object.fromEntries([...names].filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name])).map((name) => [name, now[name] ?? null]))
}
