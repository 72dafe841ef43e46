// Says what was dropped of the URL with which the console was opened: an old link, or one that was mistyped. The router
// puts right what is in the URL before any page sees it, so that this looks at what was there before.
import { notifyDropped } from '../parts/Notices'
import { router } from './router'
import { droppedBy, type RawSearch, type Shape } from './search'

const { pathname, search } = router.latestLocation
// As it was parsed: the router's types tell what it will be once it is read.
const given = { ...search } as unknown as RawSearch

export function tellDropped(): void {
  const shapes = router.getMatchedRoutes(pathname)[0].map(({ options }) => shapeOf(options.validateSearch))
  for (const each of droppedBy(shapes, given)) notifyDropped(each)
}

const shapeOf = (read: unknown): Shape => (typeof read === 'function' && 'shape' in read ? (read.shape as Shape) : {})
