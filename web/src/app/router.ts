// The router. Its base path is where the server says that the console is.
import { createRouter } from '@tanstack/react-router'
import { CONSOLE_PATH } from './places'
import { routeTree } from './routes'
import { parseSearch, stringifySearch } from './search'

export const router = createRouter({
  routeTree,
  // Without the slash at its end, with which the first page would match nothing.
  basepath: CONSOLE_PATH.replace(/\/$/, ''),
  parseSearch,
  stringifySearch,
  // What no page knows does not stay in the URL.
  search: { strict: true },
  defaultPreload: 'intent',
  defaultPendingMs: 300,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
