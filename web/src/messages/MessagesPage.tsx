// Where is the message I look for? The messages of the account with filters, counts, and what the feed tells.
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { sameSearch } from '../app/search'
import { type Me, useMay, useMe } from '../app/session'
import { useDesk } from '../desk/useDesk'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { type Column, DataList, type Selection } from '../parts/DataList'
import { FilterBar, isFiltered } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { Soon } from '../parts/Soon'
import { NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, Ident, Money, PhoneNumber, Time } from '../parts/Values'
import { useErrorText } from './errors'
import { countryName, searchFrom, useFields } from './fields'
import { useLiveMessages } from './live'
import { LiveState, NewBar } from './Live'
import { COUNTS, type Message, MESSAGES, MessageStatus, MessageText, otherEnd } from './message'
import { queryOf } from './search'
import type { MessagesSearch } from './shape'
import { MessageViews, StatusCounts } from './Views'
import './messages.css'

const Export = lazy(() => import('./Export').then(({ Export: component }) => ({ default: component })))
const BulkMenu = lazy(() => import('./BulkMenu').then(({ BulkMenu: component }) => ({ default: component })))
const SelectedBar = lazy(() => import('./SelectedBar').then(({ SelectedBar: component }) => ({ default: component })))
const Named = lazy(() => import('../parts/Named').then(({ Named: component }) => ({ default: component })))
const PAGE = 100

/** The names of the filters, in the URL as in the API. */
const filtersOf = ({ order: _, ...search }: MessagesSearch) => search

export function MessagesPage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/messages' })
  const { account: _account, mode: _mode, ...search } = useSearch({ from: '/shell/messages' })
  const [anchor, setAnchor] = useAnchor(search)
  const fields = useFields()
  const query = queryOf(search, anchor)
  const list = useList(MESSAGES, { ...query, limit: PAGE })
  const live = useLiveMessages({ ...query, limit: PAGE }, search)
  const columns = useColumns(search.account_id !== undefined)
  const mayChange = useMay('POST /v1/messages/{id}/cancel')
  const desk = useDesk()
  const [selected, changeSelected] = useSelected(search)
  const filter = (to: MessagesSearch): void => void navigate({ search: ({ account, mode }) => ({ account, mode, ...to }) })
  const value = filtersOf(search)
  const queries = useQueryClient()
  const refresh = (): void => {
    const now = Date.now()
    // A span that begins at another minute is another query, which is read because it is new.
    if (queryOf(search, now).created_after !== query.created_after) return setAnchor(now)
    void list.refetch()
    void queries.invalidateQueries({ queryKey: [COUNTS] })
  }

  return (
    <>
      <PageHead
        title={t('messages.title')}
        about={search.account_id === undefined ? t('messages.about') : t('messages.aboutEvery')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/messages', query }} />
            <Suspense
              fallback={
                <Soon>
                  <Button variant="default" leftSection={<Icon name="download" />}>
                    {t('messages.export')}
                  </Button>
                </Soon>
              }
            >
              <Export query={query} />
            </Suspense>
            <ButtonLink to="/send" leftSection={<Icon name="send" />}>
              {t('messages.send')}
            </ButtonLink>
          </>
        }
      />
      <MessageViews search={search} />
      <FilterBar label={t('messages.filter')} fields={fields} value={value} onChange={(to) => filter(searchFrom(to, search))} />
      <div className="o-messages-head">
        <StatusCounts search={search} anchor={anchor} />
        {search.account_id === undefined && <LiveState live={live} readAt={list.dataUpdatedAt} />}
        <Button variant="subtle" size="compact-sm" leftSection={<Icon name="refresh" size={14} />} loading={list.isRefetching && !list.isFetchingNextPage} onClick={refresh}>
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
          rowKey={(message) => message.id}
          rowTone={(message) => (live.added.has(message.id) ? 'new' : message.status === 'canceled' ? 'faded' : undefined)}
          empty={
            <NothingYet
              icon="messages"
              title={t('messages.none')}
              about={t('messages.noneAbout')}
              action={<ButtonLink to="/send">{t('messages.sendFirst')}</ButtonLink>}
            />
          }
          select={mayChange ? { keys: selected, change: changeSelected, label: (message) => t('messages.selectRow', { number: otherEnd(message) }) } : undefined}
          onClear={isFiltered(fields, value) ? () => filter({}) : undefined}
        />
      </div>
      <Suspense>{mayChange && <SelectedBar keys={selected} onChange={(keys) => changeSelected(() => keys)} />}</Suspense>
    </>
  )
}

/** A message of another account is shown in that account. */
const placeOf = (message: Message, me: Me): { account?: string } =>
  message.account_id === undefined || message.account_id === me.account_id ? {} : { account: message.account_id }

/** The ids of the selected messages. Other filters select nothing. */
function useSelected(search: MessagesSearch): [ids: ReadonlySet<string>, change: Selection<Message>['change']] {
  const [selected, setSelected] = useState<{ search: MessagesSearch; ids: ReadonlySet<string> }>({ search, ids: new Set() })
  if (!sameSearch(selected.search, search)) setSelected({ search, ids: new Set() })
  return [selected.ids, (to) => setSelected((before) => ({ ...before, ids: to(before.ids) }))]
}

/** The moment at which spans that end now end, in the list and in its counts alike: that of the last change of the
 * filters, or of the last refresh. */
function useAnchor(search: MessagesSearch): [anchor: number, set: (to: number) => void] {
  const [anchor, setAnchor] = useState({ search, at: Date.now() })
  const set = (at: number): void => setAnchor({ search, at })
  if (!sameSearch(anchor.search, search)) set(Date.now())
  return [anchor.at, set]
}

/** With the messages of all accounts, each says whose it is, in the place of its segments. */
function useColumns(everywhere: boolean): Column<Message>[] {
  const t = useT()
  const error = useErrorText()
  const me = useMe()
  return [
    {
      name: 'time', title: t('messages.time'), width: 'minmax(5.2rem, 0.5fr)',
      cell: (message) => (
        <TextLink to="/messages/$id" params={{ id: message.id }} search={placeOf(message, me)}>
          <Time at={message.created_at} as="short" />
        </TextLink>
      ),
    },
    ...(everywhere ? [{ name: 'account', title: t('messages.account'), width: 'minmax(6rem, 1fr)', cell: (message: Message) => <Suspense><Named id={message.account_id ?? ''} /></Suspense> }] : []),
    {
      name: 'status', title: t('messages.status'), width: 'minmax(8.8rem, 1.2fr)',
      cell: (message) => (
        <>
          <MessageStatus status={message.status} />
          {message.error !== null && message.status !== 'canceled' && <span className="o-why">{error(message.error)}</span>}
        </>
      ),
    },
    { name: 'from', title: t('messages.from'), width: 'minmax(7.4rem, 0.8fr)', extra: true, cell: (message) => <PhoneNumber value={message.sender_used ?? message.from} /> },
    {
      name: 'to', title: t('messages.to'), width: 'minmax(9.2rem, 0.8fr)',
      cell: (message) => (
        <>
          {message.direction === 'inbound' && <span className="o-visually-hidden">{t('messages.direction.inbound')} </span>}
          <PhoneNumber value={message.to} />
        </>
      ),
    },
    { name: 'text', title: t('messages.text'), width: 'minmax(6rem, 2fr)', cell: (message) => <span className="o-clamp"><MessageText message={message} /></span> },
    { name: 'country', title: t('messages.country'), width: '4rem', extra: true, cell: (message) => message.country === null ? '–' : <abbr title={countryName(message.country)}><Ident>{message.country}</Ident></abbr> },
    ...(everywhere ? [] : [{ name: 'segments', title: t('messages.segments'), width: '5.2rem', align: 'end' as const, extra: true, cell: (message: Message) => <Count value={message.segments} /> }]),
    { name: 'price', title: t('messages.price'), width: '5rem', align: 'end', extra: true, cell: (message) => <Money amount={message.price} currency={message.currency} /> },
  ]
}
