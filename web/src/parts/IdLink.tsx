// An id that leads to the page of what it names, if there is one.
import { useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Ident } from './Values'
import { TextLink } from './Link'

/** The path of the page of an object, by the prefix of its id. A page that does not exist gets no link. */
const PAGES: Record<string, string> = {
  msg: '/messages/$id',
  bat: '/batches/$id',
  tpl: '/templates/$id',
  key: '/keys/$id',
  whk: '/webhooks/$id',
  car: '/carriers/$id',
  rte: '/routes/$id',
  acc: '/accounts/$id',
  alr: '/alerts/$id',
  cap: '/captures/$id',
  usr: '/users/$id',
  job: '/jobs/$id',
  smpp: '/smpp/$id',
  rpt: '/reports/$id',
  ver: '/verify/$id',
}

/** The path of the page of this id: `/messages/msg_...`. null if there is none. */
export function pathOfId(id: string, known: Record<string, unknown>): string | null {
  const page = PAGES[id.split('_')[0] ?? '']
  return page === undefined || known[page] === undefined ? null : page.replace('$id', encodeURIComponent(id))
}

export function IdLink({ id, children }: { id: string; children?: ReactNode }): ReactNode {
  const router = useRouter()
  const path = pathOfId(id, router.routesByPath)
  const shown = children ?? <Ident>{id}</Ident>
  if (path === null) return shown
  // The path was looked up among the routes that exist, which no type can know.
  return (
    <TextLink to={path as '/'}>
      {shown}
    </TextLink>
  )
}
