// A saved report as its form has it, and as the API takes it.
//
// Rules kept here:
// - every field of the query and the schedule is said, null where there is none: a change would else keep the old one;
// - filters are written as in an address (`country=DE`), so that any that the API knows can be set.
import type { components, paths } from '../api/schema'

export type SavedReport = components['schemas']['SavedReportView']
export type Run = components['schemas']['ReportRun']
type Asked = NonNullable<paths['/v1/reports/messages']['get']['parameters']['query']>
export const SAVED = '/v1/reports/saved'
export const RUNS = '/v1/reports/saved/{id}/runs'

export const DIMENSIONS = ['account', 'country', 'network', 'carrier', 'route', 'sender', 'class', 'channel', 'campaign', 'error', 'tag', 'status'] as const
export const isDimension = (name: string): name is (typeof DIMENSIONS)[number] => DIMENSIONS.some((each) => each === name)
export const STEPS = ['minute', 'quarter', 'hour', 'day', 'month'] as const
export const UNITS = ['hour', 'day', 'week', 'month'] as const
export const FORMATS = ['csv', 'jsonl', 'parquet'] as const
export const EVERY = ['never', 'day', 'week', 'month'] as const
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const FILTERS = ['account_id', 'country', 'network', 'carrier', 'route', 'sender', 'class', 'channel', 'campaign', 'error', 'tag', 'status', 'mode'] as const

export type Values = {
  name: string
  by: string[]
  step: string
  zone: string
  times: boolean
  below: boolean
  only: string[]
  last: number | ''
  unit: (typeof UNITS)[number]
  current: boolean
  format: (typeof FORMATS)[number]
  every: (typeof EVERY)[number]
  at: string
  weekdays: string[]
  days: string[]
  target: 'nobody' | 'mail' | 'url'
  recipients: string[]
  url: string
}

/** What the API calls a field that has another name in the form. */
export const NAMES: Record<string, string> = {
  'query.by': 'by', 'query.step': 'step', 'query.zone': 'zone', 'query.times': 'times', 'query.below': 'below', query: 'only',
  'span.last': 'last', 'span.unit': 'unit', 'span.current': 'current', span: 'last',
  'schedule.at': 'at', 'schedule.weekdays': 'weekdays', 'schedule.days': 'days', schedule: 'every',
}

export const EMPTY: Values = {
  name: '', by: [], step: '', zone: '', times: false, below: false, only: [], last: 7, unit: 'day', current: false, format: 'csv',
  every: 'never', at: '08:00', weekdays: ['monday'], days: ['1'], target: 'nobody', recipients: [], url: '',
}

export function valuesOf(report: SavedReport): Values {
  const { query, span, schedule } = report
  return {
    name: report.name,
    by: namesIn(query.by),
    step: query.step ?? '',
    zone: query.zone ?? '',
    times: query.times ?? false,
    below: query.below ?? false,
    only: onlyOf(query),
    last: span.last ?? 7,
    unit: span.unit ?? 'day',
    current: span.current ?? false,
    format: report.format,
    every: schedule?.every ?? 'never',
    at: schedule?.at ?? EMPTY.at,
    weekdays: schedule?.weekdays?.length ? schedule.weekdays : EMPTY.weekdays,
    days: schedule?.days?.length ? schedule.days.map(String) : EMPTY.days,
    target: report.url !== null ? 'url' : report.recipients.length > 0 ? 'mail' : 'nobody',
    recipients: report.recipients,
    url: report.url ?? '',
  }
}

export const namesIn = (by: string | null | undefined): string[] => (by ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '')

/** The filters of a query: `country=DE`. */
export function onlyOf(query: SavedReport['query']): string[] {
  return FILTERS.flatMap((name) => {
    const value = query[name]
    return value === null || value === undefined ? [] : [`${name}=${value}`]
  })
}

/** The body of the API. */
export function bodyOf(values: Values): components['schemas']['NewSavedReport'] {
  const filters = Object.fromEntries([
    ...FILTERS.map((name) => [name, null]),
    ...values.only.map((each) => [each.split('=')[0]?.trim() ?? '', each.includes('=') ? each.slice(each.indexOf('=') + 1).trim() : '']),
  ])
  const query = {
    ...filters,
    by: values.by.length > 0 ? values.by.join(',') : null,
    step: values.step === '' ? null : values.step,
    zone: values.zone.trim() === '' ? null : values.zone.trim(),
    times: values.times,
    below: values.below,
  }
  const schedule =
    values.every === 'never'
      ? null
      : { every: values.every, at: values.at, weekdays: values.every === 'week' ? values.weekdays : [], days: values.every === 'month' ? values.days.map(Number) : [], zone: null }
  return {
    name: values.name,
    query,
    span: { last: values.last === '' ? 0 : values.last, unit: values.unit, current: values.current },
    format: values.format,
    schedule,
    recipients: values.target === 'mail' ? values.recipients : [],
    url: values.target === 'url' ? values.url.trim() : null,
    // The choices of the form are those of the API; what a person writes there, it checks.
  } as components['schemas']['NewSavedReport']
}

export type State = 'stopped' | 'paused' | 'scheduled' | 'manual'

export const stateOf = ({ stopped_at: stopped, enabled, schedule }: SavedReport): State =>
  stopped !== null ? 'stopped' : !enabled ? 'paused' : schedule === null ? 'manual' : 'scheduled'

/** What of a query is said: the parameters of `GET /v1/reports/messages`. */
export const askedOf = (query: SavedReport['query']): Asked =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== null && value !== false)) as Asked
