// The page of the installation: the doctor's checks, the nodes, the settings.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { oneOf, searchOf, text } from '../app/search'
import { needTexts } from '../i18n/i18n'

export const doctorRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'settings',
  validateSearch: searchOf({ view: oneOf('nodes', 'settings'), source: oneOf('variable', 'file', 'default'), name: text }),
  staticData: { title: 'doctor.title', reads: 'GET /v1/doctor' },
  loader: () => needTexts('doctor'),
  component: lazyRouteComponent(() => import('./DoctorPage'), 'DoctorPage'),
})

export const doctorRoutes = [doctorRoute] as const
