// The page of the sandbox.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const sandboxRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'sandbox',
  /** `number` is the handset that is shown, `message` what was sent to a number, `from` the sender of what is sent. */
  validateSearch: searchOf({ tab: oneOf('scenarios', 'phones'), number: text, message: text, scenario: text, from: text }),
  staticData: { title: 'sandbox.title', reads: 'GET /v1/sandbox/handsets' },
  loader: () => needTexts('sandbox', 'messages', 'webhooks'),
  component: lazyRouteComponent(() => import('./SandboxPage'), 'SandboxPage'),
})

export const sandboxRoutes = [sandboxRoute] as const
