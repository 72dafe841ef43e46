// Variables of a template as rows of a form, and values as people type them.
//
// Rules kept here:
// - a field is text, whatever the type: what a text means is decided here, and what it means to nobody goes to the API
//   as it is, which says what is wrong;
// - money is typed as "12.50 EUR";
// - a row that changed is sent whole: what is empty is null, which the API takes away.
import type { Type, Variable } from './template'

export type Row = {
  name: string
  type: Type
  example: string
  /** Without one, who sends must give a value. */
  default: string
  longest: number | ''
  multiline: boolean
  numbers: boolean
  /** Separated by commas. */
  hosts: string
}

export const newRow = (name: string): Row => ({ name, type: 'string', example: '', default: '', longest: '', multiline: false, numbers: false, hosts: '' })

export const rowsOf = (variables: Record<string, Variable>): Row[] =>
  Object.entries(variables).map(([name, variable]) => ({
    name,
    type: variable.type,
    example: textOf(variable.example),
    default: textOf(variable.default),
    longest: variable.longest ?? '',
    multiline: variable.multiline ?? false,
    numbers: variable.numbers ?? false,
    hosts: (variable.hosts ?? []).join(', '),
  }))

/** A value as one types it. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'object' && 'amount' in value && 'currency' in value) return `${String(value.amount)} ${String(value.currency)}`
  return String(value)
}

/** What was typed as the API takes it; null for nothing. */
export function valueOf(type: Type, typed: string): unknown {
  const said = type === 'string' ? typed : typed.trim()
  if (said === '') return null
  if (type === 'number') return /^-?\d{1,15}(\.\d{1,6})?$/.test(said) ? Number(said) : said
  if (type !== 'money') return said
  const [, amount, currency] = /^(\S+)\s+([A-Za-z]{3})$/.exec(said) ?? []
  return amount === undefined || currency === undefined ? said : { amount, currency: currency.toUpperCase() }
}

/** The values that were typed, by name; what is empty is left out. */
export function valuesOf(types: Record<string, Type>, typed: Record<string, string>): Record<string, unknown> {
  const found = Object.entries(types).map(([name, type]) => [name, valueOf(type, typed[name] ?? '')] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== null))
}

const listOf = (text: string): string[] => text.split(/[\s,]+/).filter((each) => each !== '')

/** A variable as the API takes it, without what is empty. */
export function variableOf(row: Row): Variable {
  return Object.fromEntries(Object.entries(wholeOf(row)).filter(([, value]) => value !== null)) as Variable
}

/** The same with null for what is empty. */
function wholeOf({ name: _, longest, multiline, numbers, hosts, ...row }: Row): Record<string, unknown> {
  const listed = listOf(hosts)
  return {
    type: row.type,
    example: valueOf(row.type, row.example),
    default: valueOf(row.type, row.default),
    longest: longest === '' ? null : longest,
    multiline: row.type === 'string' && multiline ? true : null,
    numbers: row.type === 'string' && numbers ? true : null,
    hosts: row.type === 'url' && listed.length > 0 ? listed : null,
  }
}

/** What a change of the rows sends: the variables that changed, null for those that are gone. */
export function changesOf(before: readonly Row[], after: readonly Row[]): Record<string, unknown> {
  const had = new Map(before.map((row) => [row.name, JSON.stringify(wholeOf(row))]))
  const has = new Map(after.filter((row) => row.name.trim() !== '').map((row) => [row.name.trim(), wholeOf(row)]))
  const gone = [...had.keys()].filter((name) => !has.has(name)).map((name) => [name, null] as const)
  const changed = [...has].filter(([name, whole]) => had.get(name) !== JSON.stringify(whole))
  return Object.fromEntries([...gone, ...changed])
}
