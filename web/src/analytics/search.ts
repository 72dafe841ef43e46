// What is in the URL of analytics. The routes need it before the page is loaded, so it stands alone.
import { isZone } from '../app/preferences'
import { country, either, moment, oneOf, searchOf, type SearchOf, someOf, text } from '../app/search'
import { CLASSES, NONE } from '../messages/shape'

export const SPANS = ['24h', '7d', '28d'] as const
export const QUESTIONS = ['places', 'times', 'errors', 'senders', 'money'] as const
export type Question = (typeof QUESTIONS)[number]

/** How each filter is read. */
export const shape = {
  last: oneOf(...SPANS),
  start: moment,
  end: moment,
  step: oneOf('hour', 'day', 'month'),
  zone: (given: unknown) => {
    const name = text(given)
    return name !== undefined && isZone(name) ? name : undefined
  },
  country: either(NONE, country),
  network: text,
  sender: text,
  carrier: text,
  class: oneOf(...CLASSES),
  /** All accounts, in place of the one in which one acts. */
  accounts: oneOf('all'),
  /** The questions that are shown as tables. */
  table: someOf(...QUESTIONS),
  /** What the money is by: carriers, if nothing else. By account only over all accounts. */
  money: oneOf('country', 'account'),
}

export const analyticsSearch = searchOf(shape)
export type AnalyticsSearch = SearchOf<typeof shape>
