// One alert: what it says, what to do, and when it began and ended.
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Facts } from '../parts/Facts'
import { BackToList, FoundPage } from '../parts/FoundPage'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { Named, Who } from '../parts/Named'
import { PageHead } from '../parts/PageHead'
import { useList } from '../parts/useList'
import { Ident, Time } from '../parts/Values'
import { Acknowledge, type Alert, ALERTS, AlertState, RULES } from './alert'
import { figureOf } from './order'
import { AlertSummary, AlertWords, withDuration } from './words'

export function AlertPage(): ReactNode {
  const { id } = useParams({ from: '/shell/alerts/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [ALERTS, id],
    queryFn: ({ signal }) => take(api.GET('/v1/alerts/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (found) => (found.state.data?.status === 'firing' ? 5_000 : false),
  })
  return <FoundPage query={query}>{(alert) => <OneAlert alert={alert} />}</FoundPage>
}

function OneAlert({ alert }: { alert: Alert }): ReactNode {
  const t = useT()
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={withDuration(alert, useFormat())}
        heading={<AlertSummary alert={alert} />}
        about={<AlertState alert={alert} />}
        actions={
          <>
            <Acknowledge alert={alert} />
            {alert.subject_kind === 'carrier' && <ButtonLink to="/carriers/$id" params={{ id: alert.subject }} leftSection={<Icon name="tower" />}>{t('alerts.openCarrier')}</ButtonLink>}
          </>
        }
      />
      <Stack maw="52rem">
        <section aria-labelledby="todo">
          <h2 id="todo">{t('alerts.todoTitle')}</h2>
          <Text>
            <AlertWords>{alert.action}</AlertWords>
          </Text>
        </section>
        <Facts
          facts={[
            [t('alerts.subject'), <Subject key="subject" alert={alert} />],
            [t('alerts.value'), <Value key="value" alert={alert} />],
            [
              t('alerts.rule'),
              <TextLink key="rule" to="/alerts" search={{ show: 'rules', rule: alert.rule }}>
                <Ident>{alert.rule}</Ident>
              </TextLink>,
            ],
            [t('alerts.started'), <Time key="started" at={alert.started_at} as="absolute" />],
            [t('alerts.ended'), <Time key="ended" at={alert.resolved_at} as="absolute" never={t('alerts.notYet')} />],
            [
              t('alerts.ackBy'),
              alert.acknowledged_at === null ? t('alerts.nobody') : (
                <span key="ack">
                  <Who who={alert.acknowledged_by ?? ''} /> · <Time at={alert.acknowledged_at} as="absolute" />
                </span>
              ),
            ],
            [t('alerts.id'), <Ident key="id">{alert.id}</Ident>],
          ]}
        />
      </Stack>
    </>
  )
}

/** What it is about; a carrier leads to its page, which takes its name too. Webhooks, accounts and profiles are ids. */
function Subject({ alert }: { alert: Alert }): ReactNode {
  if (alert.subject_kind === 'webhook' || alert.subject_kind === 'account' || alert.subject_kind === 'verify_profile') return <Named id={alert.subject} />
  if (alert.subject_kind !== 'carrier') return <bdi dir="auto">{alert.subject}</bdi>
  return (
    <TextLink to="/carriers/$id" params={{ id: alert.subject }}>
      <bdi dir="auto">{alert.subject}</bdi>
    </TextLink>
  )
}

/** The number that breached the rule: seconds as a duration, all else as the server writes it. */
function Value({ alert }: { alert: Alert }): ReactNode {
  const format = useFormat()
  const { rows } = useList(RULES, { limit: 100 })
  const unit = rows.find(({ name }) => name === alert.rule)?.unit
  return unit === 'seconds' || unit === 'percent' ? <bdi>{figureOf(Number(alert.value), unit, format)}</bdi> : <Ident>{alert.value}</Ident>
}
