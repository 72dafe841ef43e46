// The pages of webhooks.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const webhooksRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'webhooks',
  /** `make` opens the form for a new endpoint, so that other pages can lead there. */
  validateSearch: searchOf({ health: oneOf('active', 'failing', 'paused', 'off'), make: oneOf('true') }),
  staticData: { title: 'webhooks.title', reads: 'GET /v1/webhooks' },
  loader: () => needTexts('webhooks'),
  component: lazyRouteComponent(() => import('./WebhooksPage'), 'WebhooksPage'),
})

export const eventTypesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'webhooks/event-types',
  validateSearch: searchOf({ type: text }),
  staticData: { title: 'webhooks.types', reads: 'GET /v1/event-types' },
  loader: () => needTexts('webhooks'),
  component: lazyRouteComponent(() => import('./EventTypesPage'), 'EventTypesPage'),
})

export const webhookRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'webhooks/$id',
  /** `delivery` is the one whose attempts are shown. */
  validateSearch: searchOf({ status: oneOf('pending', 'delivered', 'failed'), types: text, message_id: text, event_id: text, delivery: text }),
  staticData: { title: 'webhooks.title', reads: 'GET /v1/webhooks' },
  loader: () => needTexts('webhooks'),
  component: lazyRouteComponent(() => import('./WebhookPage'), 'WebhookPage'),
})

export const webhookRoutes = [webhooksRoute, eventTypesRoute, webhookRoute] as const
