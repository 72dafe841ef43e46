// Where do I lose deliveries or money? One sentence for all of it, then five questions, each with its answer.
//
// Every number leads to the list that it counts; the list has the same filters and the same span.
import { Button, Group, Text } from '@mantine/core'
import { useIsFetching, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMe } from '../app/session'
import { Rich } from '../i18n/Rich'
import { locale, useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { FilterBar } from '../parts/FilterBar'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { ButtonLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { NothingYet } from '../parts/States'
import { Time } from '../parts/Values'
import { Errors } from './Errors'
import { seesCosts, seesEveryAccount, useFields } from './fields'
import { ENDED, groupsOf, LOST, messagesOf, PAST_WAITING, type Row, together } from './figures'
import { MoneyQuestion } from './MoneyQuestion'
import { Counted, useSumsText } from './names'
import { NotKept } from './NotKept'
import { Places } from './Places'
import { Senders } from './Senders'
import { Times } from './Times'
import { type Compared, REPORTS, useCompared, useNow, type View } from './useReports'
import { analyticsSearch, type AnalyticsSearch } from './search'
import { chosen, FILTERS, listOf, spansOf } from './view'
import { timeIn } from './zones'
import './analytics.css'

export function AnalyticsPage(): ReactNode {
  const t = useT()
  const me = useMe()
  const format = useFormat()
  const navigate = useNavigate({ from: '/analytics' })
  const { account: _account, mode: _mode, ...search } = useSearch({ from: '/shell/analytics' })
  const [now, move] = useNow()
  const fields = useFields()
  const spans = spansOf(search, now, search.zone ?? format.zone)
  const view: View = { search, spans, now }
  const all = useCompared(view, { by: 'status' })
  const filter = (to: AnalyticsSearch): void =>
    void navigate({ search: ({ account, mode, table, money }) => ({ account, mode, table, money, ...to }), resetScroll: false })
  const time = (at: number): string => timeIn(at, spans.zone, locale())
  const nothing = all.now.data?.data.length === 0 && FILTERS.every((name) => search[name] === undefined)

  return (
    <>
      <PageHead
        title={t('analytics.title')}
        about={t('analytics.about')}
        actions={
          <>
            {all.blocked.length === 0 && <CopyAsCode request={{ operation: 'GET /v1/reports/messages', query: all.query }} />}
            <ButtonLink to="/reports" variant="default" leftSection={<Icon name="list" />}>
              {t('analytics.reports')}
            </ButtonLink>
          </>
        }
      />
      <FilterBar label={t('analytics.filter')} fields={fields} value={search} onChange={({ table: _table, money: _money, ...to }) => filter(chosen(analyticsSearch(to), search))} />
      <div className="o-analytics-head">
        <span>{t('analytics.span', { start: time(spans.start), end: time(spans.end), zone: spans.zone })}</span>
        <span>{t(`analytics.per.${spans.step}`)}</span>
        {/* Before the first answer it has its width, but cannot be seen. */}
        <span style={all.now.data === undefined ? { visibility: 'hidden' } : undefined}>
          {t('analytics.asOf')} <Time at={all.now.data?.as_of ?? new Date(now).toISOString()} as="short" />
        </span>
        {all.now.data?.complete === false && <span className="o-incomplete">{t('analytics.incomplete')}</span>}
        <Refresh onMove={move} />
      </div>
      {all.blocked.length > 0 ? (
        <NotKept filters={all.blocked} />
      ) : nothing ? (
        <NothingYet
          icon="chart"
          title={t('analytics.nothing')}
          about={t('analytics.nothingAbout')}
          action={
            seesEveryAccount(me) && search.accounts === undefined ? (
              <Button onClick={() => filter({ ...search, accounts: 'all' })}>{t('analytics.everyAccount')}</Button>
            ) : (
              <ButtonLink to="/send">{t('analytics.send')}</ButtonLink>
            )
          }
        />
      ) : (
        <>
          <Lead view={view} found={all} />
          <div className="o-questions">
            <Places view={view} />
            <Times view={view} />
            <Errors view={view} />
            <Senders view={view} />
            {seesCosts(me) && <MoneyQuestion view={view} />}
          </div>
        </>
      )}
    </>
  )
}

/** Reads all questions again that can be asked, up to the present. */
function Refresh({ onMove }: { onMove: () => void }): ReactNode {
  const t = useT()
  const queries = useQueryClient()
  const reports = { queryKey: [REPORTS] }
  const refresh = (): void => {
    onMove()
    void queries.refetchQueries({ ...reports, type: 'active' })
  }
  return (
    <Button variant="subtle" size="compact-sm" leftSection={<Icon name="refresh" size={14} />} loading={useIsFetching(reports) > 0} onClick={refresh}>
      {t('analytics.refresh')}
    </Button>
  )
}

/** How much was lost in all, what that cost, and what all messages cost. */
function Lead({ view, found }: { view: View; found: Compared }): ReactNode {
  const t = useT()
  const format = useFormat()
  const sums = useSumsText()
  const rows = found.now.data?.data
  if (rows === undefined) return found.now.error === null ? <div className="o-lead" aria-busy="true" /> : null
  const lost = groupsOf(rows, [], () => null, LOST)
  const ended = messagesOf(groupsOf(rows, [], () => null, ENDED))
  if (ended === 0) return null
  const count = messagesOf(lost)
  const charged = sums(together(lost.map(({ price }) => price)))
  const before = found.before.data?.data ?? []
  const priceOf = (of: readonly Row[]): string => sums(together(groupsOf(of, [], () => null, PAST_WAITING).map(({ price }) => price)))
  const [spent, spentEarlier] = [priceOf(rows), priceOf(before)]
  const earlier = messagesOf(groupsOf(before, [], () => null, ENDED))
  const lostEarlier = messagesOf(groupsOf(before, [], () => null, LOST))
  return (
    <Group className="o-lead" gap="xs">
      <Icon name="chart" size={22} />
      <p>
        <Rich
          id={charged === '' ? 'analytics.lead' : 'analytics.leadCharged'}
          values={{
            lost: <Counted value={count} to={listOf(view.search, view.spans, { status: [...LOST] })} />,
            ended: <Counted value={ended} to={listOf(view.search, view.spans, { status: [...ENDED] })} />,
            share: format.percent(count / ended),
            ...(charged !== '' && { amount: <bdi dir="ltr">{charged}</bdi> }),
          }}
        />
        <Text component="span" size="sm" c="dimmed" display="block">
          {earlier === 0 ? t('analytics.noBefore') : t('analytics.leadBefore', { share: format.percent(lostEarlier / earlier) })}
        </Text>
        {spent !== '' && (
          <Text component="span" size="sm" c="dimmed" display="block">
            {spentEarlier === '' ? t('analytics.leadSpentNew', { amount: spent }) : t('analytics.leadSpent', { amount: spent, before: spentEarlier })}
          </Text>
        )}
      </p>
    </Group>
  )
}
