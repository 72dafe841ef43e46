// A page of one thing: the thing, or why it is not shown, with a heading and the way back to its list.
import { Text } from '@mantine/core'
import { useMatches, useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { isRefusal, type Refusal } from '../api/problem'
import { useT } from '../i18n/i18n'
import type { Id } from '../i18n/ids'
import { Icon } from './Icon'
import { ServerWords } from './Ident'
import { TextLink } from './Link'
import { PageHead } from './PageHead'
import { type Asked, Found, State, Unread, useRefusal } from './States'

type FoundPageProps<T> = { query: Asked<T>; absent?: ReactNode; children: (data: T) => ReactNode }

/** `Found` for what is a whole page: without what was asked for, there is no other heading. `absent` is shown if it is not
 * there. */
export function FoundPage<T>({ query, absent, children }: FoundPageProps<T>): ReactNode {
  const error = useRefusal(query)
  if (query.data !== undefined || !error) return <Found query={query}>{children}</Found>
  if (isRefusal(error, 'not_found')) return absent ?? <NotThere refusal={error} />
  return (
    <>
      <PlaceHead />
      <Unread error={error} onAgain={() => void query.refetch()} busy={query.isFetching} />
    </>
  )
}

function NotThere({ refusal }: { refusal: Refusal }): ReactNode {
  const t = useT()
  return (
    <>
      <PlaceHead title={t('parts.notThere')} />
      <State icon="search" title={t('parts.error.notFound')}>
        <Text c="dimmed"><ServerWords>{refusal.problem.detail}</ServerWords></Text>
      </State>
    </>
  )
}

/** The head of a page that cannot be shown: what its route is called, and the way back to its list. */
export function PlaceHead({ title }: { title?: string }): ReactNode {
  const t = useT()
  const place = useMatches({ select: (matches) => matches.at(-1) })
  const id = place?.staticData.title
  return <PageHead before={<BackToList />} title={title ?? (id === undefined ? '' : t(id))} />
}

/** The way from a page below a list back to the list. Nothing on a list. */
export function BackToList(): ReactNode {
  const t = useT()
  const list = useList(useMatches({ select: (matches) => matches.at(-1)?.fullPath ?? '/' }))
  if (list === null) return null
  return (
    // The path was looked up among the routes that exist, which no type can know.
    <TextLink to={list.path as '/'} size="sm">
      <Icon name="left" size={14} /> {t(list.title)}
    </TextLink>
  )
}

/** The nearest page above a path that stands for itself: `/carriers` above `/carriers/$id/change`. */
function useList(path: string): { path: string; title: Id } | null {
  const routes: Record<string, { options: { staticData?: { title?: Id } } } | undefined> = useRouter().routesByPath
  const parts = path.split('/').filter((part) => part !== '')
  for (let length = parts.length - 1; length > 0; length -= 1) {
    const above = `/${parts.slice(0, length).join('/')}`
    const title = routes[above]?.options.staticData?.title
    if (title !== undefined && !above.includes('$')) return { path: above, title }
  }
  return null
}
