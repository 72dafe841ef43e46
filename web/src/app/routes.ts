// All pages. A feature's pages are in its `routes.ts`; each has its import and its line here.
import { accountRoutes } from '../accounts/routes'
import { alertRoutes } from '../alerts/routes'
import { analyticsRoutes } from '../analytics/routes'
import { auditRoutes } from '../audit/routes'
import { batchRoutes } from '../batches/routes'
import { captureRoutes } from '../captures/routes'
import { carrierRoutes } from '../carriers/routes'
import { deskRoutes } from '../desk/routes'
import { doctorRoutes } from '../doctor/routes'
import { explorerRoutes } from '../explorer/routes'
import { homeRoutes } from '../home/routes'
import { keyRoutes } from '../keys/routes'
import { meRoutes } from '../me/routes'
import { messageRoutes } from '../messages/routes'
import { numberRoutes } from '../numbers/routes'
import { profileRoutes } from '../profile/routes'
import { refusalRoutes } from '../refusals/routes'
import { reportRoutes } from '../reports/routes'
import { routingRoutes } from '../routing/routes'
import { sendRoutes } from '../send/routes'
import { sandboxRoutes } from '../sandbox/routes'
import { signInRoutes } from '../signin/routes'
import { templateRoutes } from '../templates/routes'
import { userRoutes } from '../users/routes'
import { verifyRoutes } from '../verify/routes'
import { smppRoutes } from '../smpp/routes'
import { webhookRoutes } from '../webhooks/routes'
import { noPageRoute, rootRoute, shellRoute } from './roots'

export const routeTree = rootRoute.addChildren([
  ...signInRoutes,
  shellRoute.addChildren([
    ...homeRoutes,
    ...messageRoutes,
    ...analyticsRoutes,
    ...reportRoutes,
    ...sendRoutes,
    ...verifyRoutes,
    ...batchRoutes,
    ...templateRoutes,
    ...alertRoutes,
    ...carrierRoutes,
    ...captureRoutes,
    ...routingRoutes,
    ...numberRoutes,
    ...deskRoutes,
    ...sandboxRoutes,
    ...keyRoutes,
    ...explorerRoutes,
    ...webhookRoutes,
    ...smppRoutes,
    ...refusalRoutes,
    ...auditRoutes,
    ...userRoutes,
    ...doctorRoutes,
    ...accountRoutes,
    ...profileRoutes,
    ...meRoutes,
    noPageRoute,
  ]),
])
