// What is looked at on the page of verifications, as it is in the URL; and what its list can be filtered by.
//
// The names of filters are the API's own. So are their values, but for `none`: verifications without a country or
// network, which the API knows as an empty value.
import type { components } from '../api/schema'
import { country, each, either, moment, oneOf, searchOf, type SearchOf, someOf, text, texts } from '../app/search'
import { instant } from '../app/span'

export type Status = components['schemas']['VerificationView']['status']

export const STATUSES = ['pending', 'held', 'approved', 'failed', 'exhausted', 'expired', 'canceled', 'blocked'] as const satisfies readonly Status[]
export const isOpen = (status: Status): boolean => status === 'pending' || status === 'held'

export const VIEWS = ['figures', 'profiles', 'guards'] as const
/** `carrier` is for operators alone. */
export const DIMENSIONS = ['country', 'network', 'channel', 'profile', 'carrier', 'day'] as const
export type Dimension = (typeof DIMENSIONS)[number]
/** Those that the list of verifications can be filtered by. */
export type Listed = Exclude<Dimension, 'carrier'>
export const SPANS = ['24h', '30d'] as const

export const CHANNELS = ['sms', 'email'] as const
/** The figures that count verifications, by their names in the report. */
export const FIGURES = ['started', 'judged', 'approved', 'failed', 'exhausted', 'expired', 'canceled', 'blocked', 'unreported'] as const
export type Figure = (typeof FIGURES)[number]

/** The value of a filter for verifications without one. */
export const NONE = 'none'

/** The filters of the list. */
const filters = {
  status: oneOf(...STATUSES),
  to: text,
  country: either(NONE, country),
  network: text,
  channel: oneOf(...CHANNELS),
  profile_id: text,
  guard: text,
  reference: text,
  counted_as: oneOf(...FIGURES),
  created_after: moment,
  created_before: moment,
  status_not: someOf(...STATUSES),
  country_not: each(either(NONE, country)),
  network_not: texts,
  channel_not: someOf(...CHANNELS),
  profile_id_not: texts,
  guard_not: texts,
}
/** The filters that have a negation, which leaves its values out. */
export const NEGATED = ['status', 'country', 'network', 'channel', 'profile_id', 'guard'] as const
export const filtersOf = searchOf(filters)
export type VerifyFilters = SearchOf<typeof filters>

const orEmpty = (value: string): string => (value === NONE ? '' : value)
const code = (country: string): string => orEmpty(country).toUpperCase()

/** The filters as the API takes them. */
export function queryOf({ created_after: after, created_before: before, country, network, country_not, network_not, ...others }: VerifyFilters) {
  return {
    ...others,
    ...(country !== undefined && { country: code(country) }),
    ...(network !== undefined && { network: orEmpty(network) }),
    ...(country_not !== undefined && { country_not: country_not.map(code) }),
    ...(network_not !== undefined && { network_not: network_not.map(orEmpty) }),
    ...(after !== undefined && { created_after: instant(after) }),
    ...(before !== undefined && { created_before: instant(before) }),
  }
}

/** The filters of what guards stop, as the API takes them. */
export const blocksOf = ({ guard, action, ended }: { guard?: string; action?: 'block' | 'hold'; ended?: 'true' }) => ({ guard, action, standing: ended !== 'true' })

export const verifySearch = searchOf({
  view: oneOf(...VIEWS),
  ...filters,
  /** Figures: by what, and of which time; seven days without it. */
  by: oneOf(...DIMENSIONS),
  span: oneOf(...SPANS),
  /** What guards stop: by which (`guard`), how, and whether those that are over are shown, too. */
  action: oneOf('block', 'hold'),
  ended: oneOf('true'),
  /** `make` opens the form of a new profile, filled as the profile `like` of the test mode; `open` that of one, `attempt` the trial. */
  make: oneOf('true'),
  like: text,
  open: text,
  attempt: oneOf('true'),
})
