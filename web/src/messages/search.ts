// What the filters of messages mean: as the API takes them, and as one checks a message against them.
//
// `matches` judges as the API does. What it cannot judge is left to the API.
import { instant, since } from '../app/span'
import type { Message, Status } from './message'
import { type MessagesSearch, NONE } from './shape'

/** The query of the API. Two spans that begin in the same minute are the same query. */
export function queryOf({ last, created_after: after, created_before: before, duplicates, ...search }: MessagesSearch, now: number) {
  const from = since(last, now).created_after ?? instant(after)
  const until = instant(before)
  return {
    ...search,
    ...(search.country === NONE && { country: '' }),
    ...(search.network === NONE && { network: '' }),
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
    search.account_id === undefined &&
    (part === undefined || [message.to, message.from].some((number) => digits(number).includes(part))) &&
    (search.from === undefined || digits(search.from) === digits(message.from)) &&
    (search.reference_prefix === undefined || (message.reference ?? '').startsWith(search.reference_prefix)) &&
    (search.tag === undefined || message.tags.includes(search.tag)) &&
    (search.batch_id === undefined || search.batch_id === message.batch_id) &&
    (search.error_code === undefined || search.error_code === message.error?.code) &&
    (search.held_for === undefined || search.held_for === message.held_for) &&
    (search.duplicates === undefined || (search.duplicates === 'true') === message.duplicates > 0) &&
    (from === undefined || at >= Date.parse(from)) &&
    (until === undefined || at < Date.parse(until))
  )
}
