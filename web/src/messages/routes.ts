// The pages of messages.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../app/roots'
import { needTexts } from '../i18n/i18n'
import { pageSearch } from './shape'

const reading = () => import('./reading')

export const messagesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'messages',
  validateSearch: pageSearch,
  staticData: {
    title: 'messages.title',
    reads: 'GET /v1/messages',
    ahead: async (session, search) => (await reading()).readListFirst(session, search),
  },
  loader: () => needTexts('messages'),
  component: lazyRouteComponent(() => import('./MessagesPage'), 'MessagesPage'),
})

export const messageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: 'messages/$id',
  staticData: {
    title: 'messages.title',
    reads: 'GET /v1/messages',
    ahead: async (session, _, { id }) => (await reading()).readMessageFirst(session, id ?? ''),
  },
  loader: () => needTexts('messages'),
  component: lazyRouteComponent(() => import('./MessagePage'), 'MessagePage'),
})

export const messageRoutes = [messagesRoute, messageRoute] as const
