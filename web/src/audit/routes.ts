// The page of the audit log.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { needTexts } from '../i18n/i18n'
import { auditSearch } from './search'

export const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'audit',
  validateSearch: auditSearch,
  staticData: { title: 'audit.title', reads: 'GET /v1/audit' },
  loader: () => needTexts('audit'),
  component: lazyRouteComponent(() => import('./AuditPage'), 'AuditPage'),
})

export const auditRoutes = [auditRoute] as const
