// The page on which one tries operations of the API.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'

const explorerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'api',
  /** `operation` is the id of the one that is shown, `q` what one looks for. */
  validateSearch: searchOf({ operation: text, q: text }),
  staticData: { title: 'explorer.title' },
  loader: () => needTexts('explorer'),
  component: lazyRouteComponent(() => import('./ExplorerPage'), 'ExplorerPage'),
})

export const explorerRoutes = [explorerRoute] as const
