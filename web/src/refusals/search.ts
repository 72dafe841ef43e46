// The filters of refusals, as they are in the URL.
import { oneOf, searchOf, text } from '../app/search'
import { SPAN_NAMES } from '../app/span'

export const refusalsSearch = searchOf({ to: text, code: text, request_id: text, door: text, last: oneOf(...SPAN_NAMES) })
