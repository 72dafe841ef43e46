// The list of messages that pass the filters, with their counts. It changes as the feed tells, four times a second at
// most; the page around it changes with the filters alone, so it is apart.
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react'
import { sameSearch } from '../app/search'
import { type Me, useMay, useMe } from '../app/session'
import { useDesk } from '../desk/useDesk'
import { t, useLanguage, useT } from '../i18n/i18n'
import { type Column, DataList, type Selection } from '../parts/DataList'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { Soon } from '../parts/Soon'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Ident, Money, PhoneNumber, Time } from '../parts/Values'
import { Counted } from './Counted'
import { useErrorText } from './errors'
import { countryName } from './fields'
import { useLiveMessages } from './live'
import { LiveState, NewBar } from './Live'
import { COUNTS, type Message, MESSAGES, MessageLines, MessageStatus, otherEnd } from './message'
import { listQueryOf } from './reading'
import type { Group, MessagesSearch } from './shape'

const BulkMenu = lazy(() => import('./BulkMenu').then(({ BulkMenu: component }) => ({ default: component })))
const SelectedBar = lazy(() => import('./SelectedBar').then(({ SelectedBar: component }) => ({ default: component })))
const Excluding = lazy(() => import('./Excluding').then(({ Excluding: component }) => ({ default: component })))
const Named = lazy(() => import('../parts/Named').then(({ Named: component }) => ({ default: component })))

type Props = {
  search: MessagesSearch
  /** What they are counted by. */
  by: Group
  /** The moment at which spans that end now end. */
  anchor: number
  onAnchor: (to: number) => void
  /** Given if filters are set: drops them. */
  onClear?: () => void
}

export function MessageList({ search, by, anchor, onAnchor, onClear }: Props): ReactNode {
  const t = useT()
  const query = listQueryOf(search, anchor)
  const list = useList(MESSAGES, query)
  const live = useLiveMessages(query, search)
  const columns = useColumns(search.account_id !== undefined)
  const mayChange = useMay('POST /v1/messages/{id}/cancel')
  const desk = useDesk()
  const select = useSelected(search)
  const { added } = live
  const tone = useCallback((message: Message) => (added.has(message.id) ? 'new' : message.status === 'canceled' ? 'faded' : undefined), [added])
  const queries = useQueryClient()
  const [refreshing, setRefreshing] = useState(false)
  const refresh = (): void => {
    const now = Date.now()
    // A span that begins at another minute is another query, which is read because it is new.
    if (listQueryOf(search, now).created_after !== query.created_after) return onAnchor(now)
    setRefreshing(true)
    void list.refetch().finally(() => setRefreshing(false))
    void queries.invalidateQueries({ queryKey: [COUNTS] })
  }

  return (
    <>
      <div className="o-messages-head">
        <Counted search={search} anchor={anchor} by={by} />
        {search.account_id === undefined && <LiveState live={live} readAt={list.dataUpdatedAt} />}
        <Button variant="subtle" size="compact-sm" leftSection={<Icon name="refresh" size={14} />} loading={refreshing} onClick={refresh}>
          {t('messages.refresh')}
        </Button>
        {desk !== null && (
          <Suspense
            fallback={
              <Soon>
                <Button variant="subtle" size="compact-sm" rightSection={<Icon name="down" size={14} />}>
                  {t('messages.bulk')}
                </Button>
              </Soon>
            }
          >
            <BulkMenu desk={desk} search={search} anchor={anchor} />
          </Suspense>
        )}
      </div>
      <NewBar live={live} />
      <div className="o-messages">
        <DataList
          list={list}
          columns={columns}
          label={t('messages.title')}
          rowKey={idOf}
          rowTone={tone}
          empty={
            <NothingYet
              icon="messages"
              title={t('messages.none')}
              about={t('messages.noneAbout')}
              action={<ButtonLink to="/send">{t('messages.sendFirst')}</ButtonLink>}
            />
          }
          select={mayChange ? select : undefined}
          onClear={onClear}
          noMatch={onClear && <Suspense><Excluding search={search} anchor={anchor} /></Suspense>}
        />
      </div>
      <Suspense>{mayChange && <SelectedBar keys={select.keys} onChange={(keys) => select.change(() => keys)} />}</Suspense>
    </>
  )
}

/** A message of another account is shown in that account. */
const placeOf = (message: Message, me: Me): { account?: string } =>
  message.account_id === undefined || message.account_id === me.account_id ? {} : { account: message.account_id }

const idOf = (message: Message): string => message.id

/** The selected messages, by their ids. Other filters select nothing. */
function useSelected(search: MessagesSearch): Selection<Message> {
  const [selected, setSelected] = useState<{ search: MessagesSearch; ids: ReadonlySet<string> }>({ search, ids: new Set() })
  if (!sameSearch(selected.search, search)) setSelected({ search, ids: new Set() })
  return useMemo(
    () => ({
      keys: selected.ids,
      change: (to) => setSelected((before) => ({ ...before, ids: to(before.ids) })),
      label: (message) => t('messages.selectRow', { number: otherEnd(message) }),
    }),
    [selected.ids],
  )
}

/** With the messages of all accounts, each says whose it is. The same as before if nothing of it has changed, so that the
 * rows stay as they are. */
function useColumns(everywhere: boolean): Column<Message>[] {
  const me = useMe()
  const language = useLanguage()
  const error = useErrorText()
  return useMemo(() => columnsOf(everywhere, me, error), [everywhere, me, language])
}

const columnsOf = (everywhere: boolean, me: Me, error: ReturnType<typeof useErrorText>): Column<Message>[] => [
  {
    name: 'time', title: t('messages.time'), width: '5.2rem',
    cell: (message) => (
      <TextLink to="/messages/$id" params={{ id: message.id }} search={placeOf(message, me)}>
        <Time at={message.created_at} as="short" />
      </TextLink>
    ),
  },
  ...(everywhere ? [{ name: 'account', title: t('messages.account'), width: 'minmax(6rem, 0.5fr)', cell: (message: Message) => <Suspense><Named id={message.account_id ?? ''} /></Suspense> }] : []),
  {
    name: 'status', title: t('messages.status'), width: 'minmax(8.2rem, 0.7fr)',
    cell: (message) => (
      <>
        <MessageStatus status={message.status} />
        {message.error !== null && message.status !== 'canceled' && <span className="o-why">{error(message.error)}</span>}
      </>
    ),
  },
  {
    name: 'from', title: t('messages.from'), width: 'minmax(8.9rem, 0.3fr)', extra: true,
    cell: (message) => (
      <>
        <PhoneNumber value={message.sender_used ?? message.from} />
        {message.direction === 'inbound' && <Country code={message.country} />}
      </>
    ),
  },
  {
    name: 'to', title: t('messages.to'), width: 'minmax(10.2rem, 0.3fr)',
    cell: (message) => (
      <>
        {message.direction === 'inbound' && <span className="o-visually-hidden">{t('messages.direction.inbound')} </span>}
        <PhoneNumber value={message.to} />
        {message.direction !== 'inbound' && <Country code={message.country} />}
      </>
    ),
  },
  {
    name: 'price', title: t('messages.price'), width: '5.6rem', align: 'end', extra: true,
    cell: (message) => (
      <>
        <Money amount={message.price} currency={message.currency} />
        {(message.segments ?? 1) > 1 && <span className="o-why">{t('messages.segmentCount', { count: message.segments })}</span>}
      </>
    ),
  },
  { name: 'text', title: t('messages.text'), width: 'minmax(7rem, 3fr)', cell: (message) => <MessageLines message={message} /> },
]

/** The country of the other end, behind its number. */
function Country({ code }: { code: string | null }): ReactNode {
  return code === null ? null : <> <abbr title={countryName(code)}><Ident>{code}</Ident></abbr></>
}
