// The page about oneself.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { needTexts } from '../i18n/i18n'

export const meRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'me',
  staticData: { title: 'me.title' },
  loader: () => needTexts('me', 'signin'),
  component: lazyRouteComponent(() => import('./MePage'), 'MePage'),
})

export const meRoutes = [meRoute] as const
