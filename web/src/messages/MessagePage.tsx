// What happened to this message, and why? Its state and reason, where its time went, and each thing that happened.
import { Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useFeed } from '../app/feed'
import { useApi, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Copy } from '../parts/Copy'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Facts } from '../parts/Facts'
import { BackToList, FoundPage, PlaceHead } from '../parts/FoundPage'
import { IdLink } from '../parts/IdLink'
import { TextLink } from '../parts/Link'
import { Named } from '../parts/Named'
import { PageHead } from '../parts/PageHead'
import { Found, State } from '../parts/States'
import { Timeline } from '../parts/Timeline'
import { Count, Ident, Money, PhoneNumber, ServerWords, Time } from '../parts/Values'
import { Actions } from './Actions'
import { Failure } from './Failure'
import { countryName } from './fields'
import { type History, isOpen, isPending, phasesOf } from './history'
import { type Message, messageOf, MESSAGES, MessageStatus, MessageText, otherEnd } from './message'
import { useMoments } from './moments'
import { messageQuery } from './reading'
import { Waterfall } from './Waterfall'
import './messages.css'
import './message.css'

export function MessagePage(): ReactNode {
  const { id } = useParams({ from: '/shell/messages/$id' })
  const api = useApi()
  const queries = useQueryClient()
  const message = useQuery(messageQuery(api, id))
  const history = useQuery({
    queryKey: [MESSAGES, id, 'history'],
    queryFn: () => take(api.GET('/v1/messages/{id}/history', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data !== undefined && isPending(state.data.data) ? 5_000 : false),
  })
  useFeed(({ events, gap }) => {
    if (gap || events.some((event) => messageOf(event)?.id === id)) void queries.invalidateQueries({ queryKey: [MESSAGES, id] })
  })
  return <FoundPage query={message} absent={<Absent id={id} />}>{(shown) => <OneMessage shown={shown} history={history} />}</FoundPage>
}

/** It is not here: perhaps it is one of the other mode, or of an account below, which those are told who may enter it. */
function Absent({ id }: { id: string }): ReactNode {
  const t = useT()
  const api = useApi()
  const { mode } = useMe()
  const { data: account } = useQuery({
    queryKey: ['/v1/search', id],
    queryFn: ({ signal }) => take(api.GET('/v1/search', { params: { query: { q: id } }, signal })),
    select: (found) => found.data.flatMap((group) => group.data).find((hit) => hit.id === id)?.account_id ?? undefined,
  })
  if (account !== undefined) {
    return (
      <>
        <PlaceHead title={t('messages.absent')} />
        <State
          icon="building"
          title={t('shell.otherAccount')}
          action={
            <TextLink to="/messages/$id" params={{ id }} search={(before) => ({ ...before, account })}>
              {t('messages.openThere')}
            </TextLink>
          }
        >
          <Text>
            {t('messages.inAccount')} <Named id={account} />
          </Text>
          <Ident>{id}</Ident>
        </State>
      </>
    )
  }
  return (
    <>
      <PlaceHead title={t('messages.absent')} />
      <State
        icon="search"
        title={t('parts.error.notFound')}
        action={
          <TextLink to="/messages/$id" params={{ id }} search={(before) => ({ ...before, mode: mode === 'live' ? ('test' as const) : undefined })}>
            {mode === 'live' ? t('messages.inTest') : t('messages.inLive')}
          </TextLink>
        }
      >
        <Ident>{id}</Ident>
      </State>
    </>
  )
}

type HistoryQuery = { data: History | undefined; error: unknown; refetch: () => unknown; dataUpdatedAt: number }

function OneMessage({ shown, history }: { shown: Message; history: HistoryQuery }): ReactNode {
  const t = useT()
  const moments = useMoments()
  const end = otherEnd(shown)
  // A number keeps its own direction in the heading.
  const [before, after] = t(`messages.one.${shown.direction}`, { number: '\n' }).split('\n')
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={t(`messages.one.${shown.direction}`, { number: end })}
        heading={<>{before}<PhoneNumber value={end} />{after}</>}
        about={
          <span className="o-message-state">
            <MessageStatus status={shown.status} /> <Verdict message={shown} />
          </span>
        }
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/messages/{id}', path: { id: shown.id } }} />
            <Actions message={shown} />
          </>
        }
      />
      <Failure message={shown} />
      <div className="o-message">
        <section aria-labelledby="happened" className="o-message-happened">
          <h2 id="happened">{t('messages.happened')}</h2>
          <Found query={history}>
            {(found) => (
              <>
                <Waterfall phases={phasesOf(shown, found.data, history.dataUpdatedAt)} />
                <Timeline moments={moments(found.data)} label={t('messages.happened')} />
              </>
            )}
          </Found>
        </section>
        <section aria-labelledby="facts">
          <h2 id="facts">{t('messages.facts')}</h2>
          <div className="o-message-text" dir="auto">
            <MessageText message={shown} />
          </div>
          <MessageFacts message={shown} history={history.data} />
          <ul className="o-message-links">
            <li>
              <TextLink to="/messages" search={{ number: end }}>
                {t('messages.sameNumber')}
              </TextLink>
            </li>
            {shown.batch_id !== null && (
              <li>
                <TextLink to="/messages" search={{ batch_id: shown.batch_id }}>
                  {t('messages.sameBatch')}
                </TextLink>
              </li>
            )}
            {shown.country !== null && (
              <li>
                <TextLink to="/messages" search={{ country: shown.country, last: '24h' }}>
                  {t('messages.sameCountry', { country: countryName(shown.country) })}
                </TextLink>
              </li>
            )}
          </ul>
        </section>
      </div>
    </>
  )
}

/** What its status means, in a sentence. */
function Verdict({ message }: { message: Message }): ReactNode {
  const t = useT()
  const at = message.delivered_at ?? message.undelivered_at ?? message.unconfirmed_at ?? message.failed_at ?? message.expired_at ?? message.canceled_at ?? message.received_at ?? message.sent_at ?? message.not_before ?? message.scheduled_at
  return (
    <>
      {t(`messages.means.${message.status}`)} {at !== null && <Time at={at} as={isOpen(message.status) ? 'absolute' : 'relative'} />}
    </>
  )
}

function MessageFacts({ message, history }: { message: Message; history: History | undefined }): ReactNode {
  const t = useT()
  const facts: [string, ReactNode][] = [
    [t('messages.id'), <span key="id"><Ident>{message.id}</Ident> <Copy value={message.id} what={t('messages.id')} /></span>],
    [t('messages.from'), <PhoneNumber key="from" value={message.sender_used ?? message.from} />],
    [t('messages.to'), <PhoneNumber key="to" value={message.to} />],
    [t('messages.accepted'), <Time key="made" at={message.created_at} as="absolute" />],
    [t('messages.segments'), <span key="segments"><Count value={message.segments} /> · <Ident>{message.encoding}</Ident></span>],
    [t('messages.price'), <Money key="price" amount={message.price} currency={message.currency} />],
    [t('messages.class'), t(`messages.class.${message.class}`)],
  ]
  for (const cost of message.cost ?? []) facts.push([t('messages.cost'), <Money key="cost" amount={cost.amount} currency={cost.currency} />])
  if (message.country !== null) facts.push([t('messages.country'), `${countryName(message.country)}${message.network === null ? '' : ` · ${message.network}`}`])
  if (history?.route !== undefined) facts.push([t('messages.route'), <bdi key="route" dir="auto">{history.route}</bdi>])
  if (message.reference !== null) facts.push([t('messages.reference'), <Ident key="reference">{message.reference}</Ident>])
  if (message.tags.length > 0) facts.push([t('messages.tag'), <Ident key="tags">{message.tags.join(', ')}</Ident>])
  if (message.batch_id !== null) facts.push([t('messages.batch'), <IdLink key="batch" id={message.batch_id} />])
  if (message.template !== null) facts.push([t('messages.template'), <span key="template"><IdLink id={message.template.id} /> · {t('messages.templateVersion', { version: message.template.version, language: message.template.language })}</span>])
  if (message.duplicates > 0) facts.push([t('messages.duplicates'), <Count key="duplicates" value={message.duplicates} />])
  if (message.direction === 'outbound') facts.push([t('messages.expires'), <Time key="expires" at={message.expires_at} as="absolute" />])
  if (message.notices.length > 0) facts.push([t('messages.notices'), message.notices.map((notice) => <Text key={notice.rule + notice.code} size="sm"><ServerWords>{notice.text}</ServerWords></Text>)])
  return <Facts facts={facts} />
}
