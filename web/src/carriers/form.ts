// What the form of a carrier computes: what it begins with, what is sent, and what two operators changed at once.
//
// Rules kept here:
// - only what was changed is sent, so that a change of another operator in another field stays;
// - a setting that is emptied is sent as null: it gets its default again;
// - a secret that is left empty is not sent: it stays.
import type { components } from '../api/schema'
import { isValues, plain, type Schema, type SchemaValues } from '../parts/schema'
import { tomlKey, tomlValue } from '../parts/toml'

export type Carrier = components['schemas']['Carrier']
export type CarrierType = components['schemas']['CarrierType']
export type Change = components['schemas']['CarrierChangeBody']

export type Values = { name: string; settings: SchemaValues; enabled: boolean; cost_per_segment: string; currency: string }
/** The fields of a carrier and its settings by their paths: `settings.host`. */
export type Fields = Record<string, unknown>

/** What the API shows in place of a secret. */
const MASK = '********'
const PLACE = 'settings.'
const OWN = ['name', 'enabled', 'cost_per_segment', 'currency'] as const

export const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** The form of a new carrier. */
export const blank = (): Values => ({ name: '', settings: {}, enabled: true, cost_per_segment: '0.00', currency: 'EUR' })

/** The first field that is wanted and empty, by its path; null if there is none. */
export function missingOf({ name, settings }: Pick<Values, 'name' | 'settings'>, { required = [] }: Schema, kept: ReadonlySet<string> = new Set()): string | null {
  if (name.trim() === '') return 'name'
  const lacking = required.find((setting) => !kept.has(setting) && (settings[setting] === undefined || settings[setting] === '' || settings[setting] === null))
  return lacking === undefined ? null : PLACE + lacking
}

/** The settings as the form has them: without those that have their default, and without secrets. */
export function settingsOf(carrier: Pick<Carrier, 'settings'>, type: CarrierType | undefined): SchemaValues {
  const { properties = {}, $defs } = schemaOf(type)
  return Object.fromEntries(
    Object.entries(carrier.settings).filter(([name, value]) => {
      const standard = plain(properties[name] ?? {}, $defs).default
      return value !== null && !isKept(type, name, value) && !(standard !== undefined && same(value, standard)) && !isEmpty(value)
    }),
  )
}

export const valuesOf = (carrier: Carrier, type: CarrierType | undefined): Values => ({
  name: carrier.name, settings: settingsOf(carrier, type), enabled: carrier.enabled, cost_per_segment: carrier.cost_per_segment, currency: carrier.currency,
})

const isEmpty = (value: unknown): boolean => (Array.isArray(value) ? value.length === 0 : isValues(value) && Object.keys(value).length === 0)
const isKept = (type: CarrierType | undefined, name: string, value: unknown): boolean => value === MASK && (type === undefined || type.secrets.includes(name))

/** The secrets of a carrier that are stored. */
export const keptOf = (carrier: Carrier, type: CarrierType | undefined): ReadonlySet<string> =>
  new Set(Object.entries(carrier.settings).flatMap(([name, value]) => (isKept(type, name, value) ? [name] : [])))

/** The form of a type. The API writes JSON Schema, which no type of it can tell. */
export const schemaOf = (type: CarrierType | undefined): Schema => (type?.settings ?? {}) as Schema

export function flat({ settings, ...own }: Values): Fields {
  return { ...own, ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [PLACE + name, value])) }
}

/** The fields that differ, with the value that they get; undefined is none. */
export function changesOf(before: Values, after: Values): Fields {
  const [old, now] = [flat(before), flat(after)]
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])]
  return Object.fromEntries(names.filter((name) => !same(old[name], now[name])).map((name) => [name, now[name]]))
}

/** The body of a PATCH that makes these changes. */
export function patchOf(changes: Fields): Change {
  const settings = Object.entries(changes).filter(([name]) => name.startsWith(PLACE))
  const own = Object.fromEntries(Object.entries(changes).filter(([name]) => !name.startsWith(PLACE)))
  if (settings.length === 0) return own as Change
  return { ...(own as Change), settings: Object.fromEntries(settings.map(([name, value]) => [name.slice(PLACE.length), value ?? null])) }
}

export type Clash = { field: string; before: unknown; theirs: unknown; mine: unknown; /** Both changed it. */ both: boolean }

/** What somebody else changed since this form was opened, and what became of the same fields here. */
export function clashesOf(before: Values, theirs: Values, mine: Values): Clash[] {
  const own = changesOf(before, mine)
  const old = flat(before)
  return Object.entries(changesOf(before, theirs)).map(([field, value]) => ({
    field, before: old[field], theirs: value, mine: own[field], both: field in own && !same(own[field], value),
  }))
}

/** Their values, with what was changed here; of what both changed, that of the fields in `keep`. */
export function joined(before: Values, theirs: Values, mine: Values, keep: ReadonlySet<string>): Values {
  const both = new Set(clashesOf(before, theirs, mine).flatMap(({ field, both: each }) => (each ? [field] : [])))
  const fields = { ...flat(theirs) }
  for (const [name, value] of Object.entries(changesOf(before, mine))) if (!both.has(name) || keep.has(name)) fields[name] = value
  const settings = Object.entries(fields).filter(([name, value]) => name.startsWith(PLACE) && value !== undefined)
  const own = Object.fromEntries(OWN.map((name) => [name, fields[name]])) as Omit<Values, 'settings'>
  return { ...own, settings: Object.fromEntries(settings.map(([name, value]) => [name.slice(PLACE.length), value])) }
}

/** The name of a setting in the path of a field. */
export const settingIn = (field: string): string | null => (field.startsWith(PLACE) ? field.slice(PLACE.length) : null)

/** What stands for a secret in code that is copied. */
export const withoutSecrets = (settings: SchemaValues, type: CarrierType | undefined): SchemaValues =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, type?.secrets.includes(name) === true ? `<${name}>` : value]))

/** The table of the settings file that makes this carrier. */
export function tomlOf(type: string, { name, settings, enabled, cost_per_segment: cost, currency }: Values): string {
  const priced = cost !== '0.00' && cost !== ''
  const fields: [string, unknown][] = [
    ['name', name], ['type', type], ...Object.entries(settings),
    ...(enabled ? [] : [['enabled', false] satisfies [string, unknown]]),
    ...(priced ? ([['cost_per_segment', cost], ['currency', currency]] satisfies [string, unknown][]) : []),
  ]
  return ['[[carriers]]', ...fields.map(([key, value]) => `${tomlKey(key)} = ${tomlValue(value)}`), ''].join('\n')
}

/** The settings that a sentence of a check names in backticks: where it can be mended. */
export function settingsIn(sentence: string, schema: Schema): string[] {
  const named = [...sentence.matchAll(/`([a-z_0-9]+)`/g)].map(([, name]) => name ?? '')
  return [...new Set(named)].filter((name) => schema.properties?.[name] !== undefined)
}
