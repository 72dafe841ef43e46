// The page of numbers and ranges.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const numbersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'numbers',
  /** `traffic` is the mode of the numbers, `look` the number whose network is looked up, `prefix` that of the ranges. */
  validateSearch: searchOf({ tab: oneOf('ranges'), number: text, account_id: text, traffic: oneOf('live', 'test'), make: oneOf('true'), look: text, prefix: text }),
  staticData: { title: 'numbers.title', reads: 'GET /v1/numbers' },
  loader: () => needTexts('numbers'),
  component: lazyRouteComponent(() => import('./NumbersPage'), 'NumbersPage'),
})

export const numberRoutes = [numbersRoute] as const
