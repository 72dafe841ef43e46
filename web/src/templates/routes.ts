// The pages of templates: texts with variables, their versions, and where they are registered.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { needTexts } from '../i18n/i18n'
import { templateSearch, templatesSearch } from './search'

export const templatesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'templates',
  validateSearch: templatesSearch,
  staticData: { title: 'templates.title', reads: 'GET /v1/templates' },
  loader: () => needTexts('templates', 'messages'),
  component: lazyRouteComponent(() => import('./TemplatesPage'), 'TemplatesPage'),
})

export const templateRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'templates/$id',
  validateSearch: templateSearch,
  staticData: { title: 'templates.title', reads: 'GET /v1/templates' },
  loader: () => needTexts('templates', 'messages', 'send'),
  component: lazyRouteComponent(() => import('./TemplatePage'), 'TemplatePage'),
})

export const templateRoutes = [templatesRoute, templateRoute] as const
