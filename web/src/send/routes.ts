// The page that sends.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const sendRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'send',
  /** `many` chooses whom it goes to; `again` names a message whose fields it begins with, `sent` the test message that
   * was sent last. */
  validateSearch: searchOf({ many: oneOf('list', 'file'), to: text, from: text, text, again: text, sent: text }),
  staticData: { title: 'send.title', reads: 'POST /v1/sms/preview' },
  loader: () => needTexts('send', 'messages'),
  component: lazyRouteComponent(() => import('./SendPage'), 'SendPage'),
})

export const sendRoutes = [sendRoute] as const
