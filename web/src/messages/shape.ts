// The filters of messages as they are in the URL. What they mean to the API, and whether a message passes them, is in
// `search.ts`: it is not needed before a page of messages is.
//
// A name in the URL is the API's own, so that a link can be made from any filter; `last` alone is ours: a span that ends
// now. So is the value `none`: messages without a country, network or error, which the API knows as an empty value. What ends in
// `_not` leaves its values out.
import type { components } from '../api/schema'
import { country, each, either, moment, oneOf, searchOf, type SearchOf, someOf, text, texts } from '../app/search'
import { SPAN_NAMES } from '../app/span'
import type { Status } from './message'

export const STATUSES = [
  'scheduled', 'queued', 'held', 'sent', 'delivered', 'undelivered', 'unconfirmed', 'failed', 'expired', 'canceled', 'received',
] as const satisfies readonly Status[]
/** Statuses of messages that did not arrive. */
export const FAILED = ['failed', 'undelivered', 'expired'] as const satisfies readonly Status[]
export const CLASSES = ['otp', 'transactional', 'marketing'] as const
export const DIRECTIONS = ['outbound', 'inbound'] as const
/** What the messages of the list are counted by. The first is the default. */
export const GROUPS = ['status', 'class', 'country', 'network', 'direction', 'error_code'] as const
export type Group = (typeof GROUPS)[number]

/** The value of a filter for messages without one. */
export const NONE = 'none'
/** The value of `account_id` for the messages of all accounts. */
export const EVERY = '*'

// The API knows the codes, and says so of one that it does not know.
const code = either(NONE, (given) => text(given) as components['schemas']['ErrorCode'] | undefined)

/** The filters that have a negation. One for a part of a value (`number`) has none: whole numbers are left out. */
export const NEGATED = ['status', 'direction', 'class', 'to', 'country', 'network', 'from', 'sender_shown', 'carrier', 'tag', 'batch_id', 'error_code', 'held_for'] as const

/** How each filter is read. */
export const shape = {
  status: someOf(...STATUSES),
  class: oneOf(...CLASSES),
  direction: oneOf(...DIRECTIONS),
  country: either(NONE, country),
  network: text,
  number: text,
  to: text,
  from: text,
  sender_shown: text,
  carrier: text,
  account_id: oneOf(EVERY),
  reference_prefix: text,
  tag: text,
  batch_id: text,
  error_code: code,
  held_for: text,
  duplicates: oneOf('true', 'false'),
  last: oneOf(...SPAN_NAMES),
  created_after: moment,
  created_before: moment,
  status_not: someOf(...STATUSES),
  direction_not: someOf(...DIRECTIONS),
  class_not: someOf(...CLASSES),
  country_not: each(either(NONE, country)),
  network_not: texts,
  to_not: texts,
  from_not: texts,
  sender_shown_not: texts,
  carrier_not: texts,
  tag_not: texts,
  batch_id_not: texts,
  error_code_not: each(code),
  held_for_not: texts,
  order: oneOf('oldest'),
}

export const messagesSearch = searchOf(shape)
export type MessagesSearch = SearchOf<typeof shape>

/** The page's own parameters: the filters, and what is counted. */
export const pageSearch = searchOf({ ...shape, by: oneOf(...GROUPS) })
