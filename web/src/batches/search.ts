// The filters of batches as they are in the URL. A name is the API's own; `last` is a span that ends now.
import { oneOf, searchOf } from '../app/search'
import { SPAN_NAMES } from '../app/span'
import { EVERY } from '../messages/shape'

export const STATES = ['accepting', 'accepted', 'canceled'] as const

export const stateOfSearch = oneOf(...STATES)
export const spanOfSearch = oneOf(...SPAN_NAMES)
export const accountOfSearch = oneOf(EVERY)

export const batchesSearch = searchOf({ state: stateOfSearch, last: spanOfSearch, account_id: accountOfSearch })
