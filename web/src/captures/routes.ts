// The pages of captures.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { digits, flag, oneOf, searchOf, text, whole } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const STATUSES = ['running', 'stopped'] as const

/** The filters of the list. */
export const filtersOf = searchOf({ status: oneOf(...STATUSES), carrier: text, credential: text, message_id: text })

export const capturesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'captures',
  /** The filters; `make` opens the form with what they name. */
  validateSearch: searchOf({ make: oneOf('true'), ...filtersOf.shape }),
  staticData: { title: 'captures.title', reads: 'GET /v1/captures' },
  loader: () => needTexts('captures'),
  component: lazyRouteComponent(() => import('./CapturesPage'), 'CapturesPage'),
})

export const captureRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'captures/$id',
  /** The filters of PDUs, and the number of the one that is taken apart. */
  validateSearch: searchOf({ command: text, sequence: digits, number: text, failed: flag, pdu: whole }),
  staticData: { title: 'captures.title', reads: 'GET /v1/captures' },
  loader: () => needTexts('captures'),
  component: lazyRouteComponent(() => import('./CapturePage'), 'CapturePage'),
})

export const captureRoutes = [capturesRoute, captureRoute] as const
