// The fields of the filter bar of messages, and their values to and from the URL.
import { locale, useT } from '../i18n/i18n'
import { type FilterField, type Filters, useNegations, valuesOf } from '../parts/FilterBar'
import { countryIn, typedTime, useFormat } from '../parts/format'
import { errorCodes, useErrorText } from './errors'
import { moment } from '../app/search'
import { SPAN_NAMES } from '../app/span'
import { useMe } from '../app/session'
import { CLASSES, DIRECTIONS, EVERY, messagesSearch, type MessagesSearch, NEGATED, NONE, shape, STATUSES } from './shape'

const isNumber = (text: string): boolean => /^\+?[0-9][0-9 ()-]{2,}$/.test(text)
const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\d/.test(text)

export function useFields(): FilterField[] {
  const t = useT()
  const error = useErrorText()
  const me = useMe()
  const format = useFormat()
  const shown = (value: string): string => typedTime(format, value)
  const orNone = (name: (value: string) => string) => (value: string): string => (value === NONE ? t('parts.none') : name(value))
  const operates = me.mode === 'live' && me.scopes.includes('carriers')
  // All accounts at once are for the operator's live traffic.
  const everywhere = me.operator && me.mode === 'live' && me.scopes.includes('accounts')
  const fields: FilterField[] = [
    { name: 'status', label: t('messages.status'), kind: 'choice', many: true, options: STATUSES.map((value) => ({ value, label: t(`messages.status.${value}`) })) },
    { name: 'last', label: t('messages.time'), kind: 'choice', options: SPAN_NAMES.map((value) => ({ value, label: t(`messages.last.${value}`) })) },
    { name: 'direction', label: t('messages.direction'), kind: 'choice', options: DIRECTIONS.map((value) => ({ value, label: t(`messages.direction.${value}`) })) },
    { name: 'class', label: t('messages.class'), kind: 'choice', options: CLASSES.map((value) => ({ value, label: t(`messages.class.${value}`) })) },
    { name: 'number', label: t('messages.number'), kind: 'text', accepts: isNumber },
    { name: 'to', label: t('messages.to'), kind: 'text', accepts: isNumber },
    { name: 'from', label: t('messages.from'), kind: 'text' },
    { name: 'reference_prefix', label: t('messages.reference'), kind: 'text' },
    { name: 'tag', label: t('messages.tag'), kind: 'text' },
    { name: 'batch_id', label: t('messages.batch'), kind: 'text', accepts: (text) => text.startsWith('bat_') },
    { name: 'country', label: t('messages.country'), kind: 'text', accepts: (text) => /^[A-Za-z]{2}$/.test(text), reads: shape.country, shown: orNone(countryShown) },
    { name: 'network', label: t('messages.network'), kind: 'text', accepts: (text) => /^\d{5,6}$/.test(text), shown: orNone((value) => value) },
    { name: 'sender_shown', label: t('messages.senderShown'), kind: 'text' },
    ...(operates ? [{ name: 'carrier', label: t('messages.carrier'), kind: 'text' } as const] : []),
    ...(everywhere ? [{ name: 'account_id', label: t('messages.accounts'), kind: 'choice', options: [{ value: EVERY, label: t('messages.everyAccount') }] } as const] : []),
    { name: 'error_code', label: t('messages.errorCode'), kind: 'choice', options: [...errorCodes, NONE].map((value) => ({ value, label: value === NONE ? t('parts.none') : error({ code: value, title: value }) })) },
    { name: 'held_for', label: t('messages.heldFor'), kind: 'choice', options: (['outcome_unknown', 'review'] as const).map((value) => ({ value, label: t(`messages.held.${value}`) })) },
    { name: 'duplicates', label: t('messages.sentTwice'), kind: 'choice', options: (['true', 'false'] as const).map((value) => ({ value, label: t(value === 'true' ? 'messages.sentTwice.perhaps' : 'messages.no') })) },
    { name: 'created_after', label: t('messages.since'), kind: 'text', accepts: isTime, reads: moment, shown },
    { name: 'created_before', label: t('messages.until'), kind: 'text', accepts: isTime, reads: moment, shown },
  ]
  return useNegations(fields, NEGATED)
}

/** The search parameters after a change in the bar: a span that ends now and a beginning exclude each other. */
export function searchFrom(filters: Filters, before: MessagesSearch): MessagesSearch {
  const numbers = Object.fromEntries(['number', 'to', 'to_not'].map((name) => [name, valuesOf(filters[name]).map((value) => value.replace(/[\s()-]/g, ''))]))
  const search = messagesSearch({ ...filters, ...numbers, order: before.order })
  const upper = (code: string): string => (code === NONE ? code : code.toUpperCase())
  const countries = {
    ...(search.country !== undefined && { country: upper(search.country) }),
    ...(search.country_not !== undefined && { country_not: [...new Set(search.country_not.map(upper))] }),
  }
  const { last, created_after: since, ...others } = search
  const spanChanged = last !== before.last
  return {
    ...others,
    ...countries,
    ...(last !== undefined && (since === undefined || spanChanged) ? { last } : since === undefined ? {} : { created_after: since }),
  }
}

/** The name of a country in the person's language. */
export const countryName = (code: string): string => countryIn(locale(), code)

/** The same for a filter, whose value may be anything that somebody typed. */
export const countryShown = (value: string): string => (/^([A-Za-z]{2}|001)$/.test(value) ? countryName(value.toUpperCase()) : value)
