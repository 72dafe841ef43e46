// What is looked at on the page of verifications, as it is in the URL; and the statuses that it can be filtered by.
import type { components } from '../api/schema'
import { oneOf, searchOf, text } from '../app/search'

export type Status = components['schemas']['VerificationView']['status']

export const STATUSES = ['pending', 'held', 'approved', 'failed', 'exhausted', 'expired', 'canceled', 'blocked'] as const satisfies readonly Status[]
export const isOpen = (status: Status): boolean => status === 'pending' || status === 'held'

export const VIEWS = ['figures', 'profiles', 'guards'] as const
export const DIMENSIONS = ['country', 'network', 'channel', 'profile', 'day'] as const
export type Dimension = (typeof DIMENSIONS)[number]
export const SPANS = ['24h', '30d'] as const

export const verifySearch = searchOf({
  view: oneOf(...VIEWS),
  status: oneOf(...STATUSES),
  to: text,
  profile_id: text,
  reference: text,
  /** Figures: by what, and of which time; seven days without it. */
  by: oneOf(...DIMENSIONS),
  span: oneOf(...SPANS),
  /** What guards stop: by which, how, and whether those that are over are shown, too. */
  guard: text,
  action: oneOf('block', 'hold'),
  ended: oneOf('true'),
  /** `make` opens the form of a new profile, filled as the profile `like` of the test mode; `open` that of one, `attempt` the trial. */
  make: oneOf('true'),
  like: text,
  open: text,
  attempt: oneOf('true'),
})
