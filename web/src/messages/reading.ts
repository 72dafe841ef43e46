// How messages are read. A page begins with it while its program is still on its way (`ahead`).
import { type Api, take } from '../api/client'
import type { Session } from '../app/session'
import { readListAhead } from '../parts/useList'
import { MESSAGES } from './message'
import { queryOf } from './search'
import { type MessagesSearch, messagesSearch } from './shape'

/** So many messages at a time. */
const PAGE = 100

/** The query of the list, as of a moment. */
export const listQueryOf = (search: MessagesSearch, now: number) => ({ ...queryOf(search, now), limit: PAGE })

export const messageQuery = (api: Api, id: string) => ({
  queryKey: [MESSAGES, id],
  queryFn: () => take(api.GET('/v1/messages/{id}', { params: { path: { id } } })),
})

export const readListFirst = (session: Session, search: object): Promise<void> =>
  readListAhead(session, MESSAGES, listQueryOf(messagesSearch({ ...search }), Date.now()))

export const readMessageFirst = ({ api, queries }: Session, id: string): Promise<void> => queries.prefetchQuery(messageQuery(api, id))
