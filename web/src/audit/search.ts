// The filters of the audit log, as they are in the URL.
import { flag, oneOf, searchOf, text } from '../app/search'
import { SPAN_NAMES } from '../app/span'

export const auditSearch = searchOf({
  actor: text, action: text, object: text, object_id: text, last: oneOf(...SPAN_NAMES), all_accounts: flag,
})
