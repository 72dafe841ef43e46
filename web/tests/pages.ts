// All pages of the console, as its router names them, and the way to each within one visit.
//
// Rules kept here:
// - the pages are those of the routes that are there: a new page is visited without a change here;
// - one goes from page to page as the router does, because a visit costs a second and a change a few milliseconds;
// - a page is settled if the router rests, nothing is being read, and nothing has changed for a while in which the page was
//   drawn several times: while a part that was read is being run, time passes and nothing changes, and what a scroll or a
//   new size brings comes with the next drawing.
import { expect, type Page } from '@playwright/test'

export type Place = { /** As the router names it: `/keys/$id`. */ route: string; path: string }

type Route = { fullPath: string; parentRoute?: { id: string } }
type Router = {
  state: { status: string }
  routesByPath: Record<string, Route>
  navigate: (to: { to: string; search: object }) => Promise<void>
}
type Watched = { reading: number; /** How often the page was drawn since it last changed, and when that was. */ drawn: number; changed: number; /** By which call of `settled`. */ asked: number }
/** What a page has for these functions: the router's own name, and ours. */
type Within = { __TSR_ROUTER__: Router; watched: Watched }

/** How long nothing may have changed, and how often the page must have been drawn in that time. */
const CALM = { ms: 120, drawn: 4 }

/** Count what is read and note what changes, from the next visit on. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watched: Watched = { reading: 0, drawn: 0, changed: 0, asked: 0 }
    Object.assign(window, { watched })
    const ask = window.fetch
    window.fetch = async (...given) => {
      const url = given[0] instanceof Request ? given[0].url : String(given[0])
      if (new URL(url, location.href).pathname.endsWith('/v1/events')) return ask(...given) // it never ends
      watched.reading += 1
      try {
        return await ask(...given)
      } finally {
        watched.reading -= 1
      }
    }
    new MutationObserver((changes) => {
      Object.assign(watched, { drawn: 0, changed: performance.now() })
      for (const node of changes.flatMap((change) => [...change.addedNodes])) {
        // A lazy part and its styles are announced as links.
        if (!(node instanceof HTMLLinkElement) || !/preload|stylesheet/.test(node.rel)) continue
        watched.reading += 1
        const read = (): void => void (watched.reading -= 1)
        node.addEventListener('load', read, { once: true })
        node.addEventListener('error', read, { once: true })
      }
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
  })
}

let asked = 0

/** Wait until the page is calm, from now on: what was asked of it just now, such as a scroll, may not have begun. */
export async function settled(page: Page): Promise<void> {
  asked += 1
  await page.waitForFunction(
    (calm) => {
      const { __TSR_ROUTER__: router, watched } = window as unknown as Partial<Within>
      if (router === undefined || watched === undefined) return false
      if (watched.asked !== calm.asked) Object.assign(watched, { asked: calm.asked, drawn: 0, changed: performance.now() })
      const there = document.querySelector('#root')?.hasChildNodes() === true && document.querySelector('[aria-busy=true]') === null
      if (router.state.status === 'idle' && watched.reading === 0 && there) watched.drawn += 1
      else Object.assign(watched, { drawn: 0, changed: performance.now() })
      return watched.drawn >= calm.drawn && performance.now() - watched.changed >= calm.ms
    },
    { ...CALM, asked },
    { polling: 'raf', timeout: 60_000 },
  )
}

/** Open the console; `go` then leads to the other pages. */
export async function visit(page: Page, path = '/'): Promise<void> {
  await watch(page)
  await page.goto(`/console${path}`)
  await settled(page)
}

/** Go to a page of the console without loading it anew. Its filters are those of `search` alone. */
export async function go(page: Page, path: string, search: Record<string, string> = {}): Promise<void> {
  await page.evaluate((to) => (window as unknown as Within).__TSR_ROUTER__.navigate(to), { to: path, search })
  await settled(page)
}

/** The paths of the routes: behind the sign-in, for one thing of a list, and before the sign-in. */
export async function routes(page: Page): Promise<{ plain: string[]; one: string[]; outside: string[] }> {
  const found = await page.evaluate(() =>
    Object.values((window as unknown as Within).__TSR_ROUTER__.routesByPath).map(({ fullPath, parentRoute }) => ({ path: fullPath, inside: parentRoute?.id === '/shell' })),
  )
  // All but that of every path without a page.
  const inside = found.filter((each) => each.inside && each.path !== '/$').map((each) => each.path)
  expect(inside).toContain('/messages/$id')
  return {
    plain: inside.filter((path) => !path.includes('$')),
    one: inside.filter((path) => path.includes('$')),
    outside: found.filter((each) => !each.inside && each.path !== '/').map((each) => each.path),
  }
}

/** The paths to which the page links. */
export const linksOf = (page: Page): Promise<string[]> =>
  page.locator('main a[href^="/console/"]').evaluateAll((links) => links.map((link) => new URL((link as HTMLAnchorElement).href).pathname.replace('/console', '')))

/**
 * Visit every page: the plain ones in their order, then one thing of each kind, by the first link that leads to one.
 * A thing to which no link leads is asked for by an id that there is not.
 */
export async function walk(page: Page, look: (place: Place) => Promise<void>): Promise<Place[]> {
  const { plain, one } = await routes(page)
  const places: Place[] = []
  const links = new Set<string>()
  const at = async (place: Place): Promise<void> => {
    await go(page, place.path)
    for (const link of await linksOf(page)) links.add(link)
    places.push(place)
    await look(place)
  }
  for (const path of plain) await at({ route: path, path })
  for (const route of one) {
    // What is below one thing is often behind a tab of its page: the thing itself leads to it.
    const [, thing = route, below = ''] = /^(.*\$\w+)(\/[\w/]+)$/.exec(route) ?? []
    const form = new RegExp(`^${thing.replace(/\$\w+/g, '[^/]+')}$`)
    const link = [...links].find((each) => form.test(each) && !plain.includes(each))
    const path = link === undefined ? undefined : `${link}${below}`
    if (path === undefined) console.log(`no page leads to ${route}: add one to tests/town.seed.ts`)
    await at({ route, path: path ?? route.replace(/\$\w+/g, 'unknown_0') })
  }
  return places
}

/** Visit these pages again. */
export async function revisit(page: Page, places: readonly Place[], look: (place: Place) => Promise<void>): Promise<void> {
  for (const place of places) {
    await go(page, place.path)
    await look(place)
  }
}

/** A file name for a page. */
export const nameOf = ({ route }: Place): string => route.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'home'
