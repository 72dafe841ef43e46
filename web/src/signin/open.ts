// The calls by which one comes in, and the token of a link.
//
// Rules kept here:
// - the token is in the fragment, which no server sees; it leaves the address once it was used;
// - these calls pass no gate: a refusal is the page's own matter.
import { connect } from '../api/client'
import { forgetSessions } from '../app/session'
import { HOME } from '../app/where'

/** The client of pages without a session. */
export const openApi = connect(HOME, { gated: false })

/** The token of the link by which the page was opened. Empty if the link is not whole. */
export const linkToken = (): string => location.hash.slice(1)

/** Take the token out of the address. */
export const dropToken = (): void => history.replaceState(history.state, '', location.pathname + location.search)

/** Whoever was here before: now it is somebody else, and nothing of before is shown. */
export const enter = (): void => forgetSessions()

/** A path of the console to which a sign-in may lead: never another site. */
export function pathWithin(to: string | undefined): string {
  if (to === undefined || !to.startsWith('/') || to.startsWith('//') || to.includes('\\')) return '/'
  return to
}
