// What the filters of messages mean: as the API takes them, and as one checks a message against them.
//
// `matches` judges as the API does. What it cannot judge is left to the API.
import type { components } from '../api/schema'
import { instant, since } from '../app/span'
import type { Message, Status } from './message'
import { type MessagesSearch, NONE } from './shape'

type ErrorCode = components['schemas']['ErrorCode']

const orEmpty = (value: string): string => (value === NONE ? '' : value)
const codeOrEmpty = (code: ErrorCode | typeof NONE): ErrorCode | '' => (code === NONE ? '' : code)

/** The query of the API. Two spans that begin in the same minute are the same query. */
export function queryOf({ last, created_after: after, created_before: before, duplicates, error_code: code, ...search }: MessagesSearch, now: number) {
  const from = since(last, now).created_after ?? instant(after)
  const until = instant(before)
  return {
    ...search,
    ...(search.country === NONE && { country: '' }),
    ...(search.network === NONE && { network: '' }),
    ...(search.country_not && { country_not: search.country_not.map(orEmpty) }),
    ...(search.network_not && { network_not: search.network_not.map(orEmpty) }),
    ...(code === undefined ? {} : { error_code: codeOrEmpty(code) }),
    ...(search.error_code_not && { error_code_not: search.error_code_not.map(codeOrEmpty) }),
    ...(duplicates === undefined ? {} : { duplicates: duplicates === 'true' }),
    ...(from === undefined ? {} : { created_after: from }),
    ...(until === undefined ? {} : { created_before: until }),
  }
}

const digits = (number: string): string => number.replace(/^\+/, '')

const WAITING: readonly Status[] = ['scheduled', 'queued', 'held']

/** The sender that the recipient sees, by which reports count. */
const shownSender = (message: Message): string =>
  message.direction === 'inbound' ? message.to : WAITING.includes(message.status) ? message.from : (message.sender_used ?? message.from)

/** Whether a value is none of those that are left out. */
const stays = (value: string | null | undefined, out: readonly string[] | undefined): boolean => out?.includes(value ?? NONE) !== true

const staysNumber = (number: string, out: readonly string[] | undefined): boolean =>
  out === undefined || stays(digits(number), out.map(digits))

/** Whether a message passes the filters. */
export function matches(search: MessagesSearch, message: Message, now: number): boolean {
  const { created_after: from, created_before: until } = queryOf(search, now)
  const at = Date.parse(message.created_at)
  const part = search.number === undefined ? undefined : digits(search.number)
  return (
    (search.status === undefined || search.status.includes(message.status)) &&
    (search.class === undefined || search.class === message.class) &&
    (search.direction === undefined || search.direction === message.direction) &&
    (search.country === undefined || (search.country === NONE ? null : search.country.toUpperCase()) === message.country) &&
    (search.network === undefined || (search.network === NONE ? null : search.network) === message.network) &&
    (search.sender_shown === undefined || digits(search.sender_shown) === digits(shownSender(message))) &&
    // The message does not tell its carrier, nor does the feed tell of other accounts: these lists are read again.
    search.carrier === undefined &&
    search.carrier_not === undefined &&
    search.account_id === undefined &&
    (part === undefined || [message.to, message.from].some((number) => digits(number).includes(part))) &&
    (search.to === undefined || digits(search.to) === digits(message.to)) &&
    (search.from === undefined || digits(search.from) === digits(message.from)) &&
    (search.reference_prefix === undefined || (message.reference ?? '').startsWith(search.reference_prefix)) &&
    (search.tag === undefined || message.tags.includes(search.tag)) &&
    (search.batch_id === undefined || search.batch_id === message.batch_id) &&
    (search.error_code === undefined || (search.error_code === NONE ? undefined : search.error_code) === message.error?.code) &&
    (search.held_for === undefined || search.held_for === message.held_for) &&
    stays(message.status, search.status_not) &&
    stays(message.direction, search.direction_not) &&
    stays(message.class, search.class_not) &&
    staysNumber(message.to, search.to_not) &&
    staysNumber(message.from, search.from_not) &&
    staysNumber(shownSender(message), search.sender_shown_not) &&
    stays(message.country, search.country_not?.map((each) => (each === NONE ? each : each.toUpperCase()))) &&
    stays(message.network, search.network_not) &&
    stays(message.error?.code, search.error_code_not) &&
    (message.batch_id === null || stays(message.batch_id, search.batch_id_not)) &&
    (message.held_for === null || stays(message.held_for, search.held_for_not)) &&
    (search.tag_not === undefined || message.tags.every((tag) => stays(tag, search.tag_not))) &&
    (search.duplicates === undefined || (search.duplicates === 'true') === message.duplicates > 0) &&
    (from === undefined || at >= Date.parse(from)) &&
    (until === undefined || at < Date.parse(until))
  )
}
