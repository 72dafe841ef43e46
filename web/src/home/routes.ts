// The first page.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { needTexts } from '../i18n/i18n'

export const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  staticData: { title: 'home.title' },
  loader: () => needTexts('home', 'messages'),
  component: lazyRouteComponent(() => import('./HomePage'), 'HomePage'),
})

export const homeRoutes = [homeRoute] as const
