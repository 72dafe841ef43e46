// One alert: what it says, what to do, and when it began and ended.
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Facts } from '../parts/Facts'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { Found } from '../parts/States'
import { Ident, ServerWords, Time } from '../parts/Values'
import { Acknowledge, type Alert, ALERTS, AlertState } from './alert'

export function AlertPage(): ReactNode {
  const { id } = useParams({ from: '/shell/alerts/$id' })
  const api = useApi()
  const query = useQuery({
    queryKey: [ALERTS, id],
    queryFn: ({ signal }) => take(api.GET('/v1/alerts/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (found) => (found.state.data?.status === 'firing' ? 5_000 : false),
  })
  return <Found query={query}>{(alert) => <OneAlert alert={alert} />}</Found>
}

function OneAlert({ alert }: { alert: Alert }): ReactNode {
  const t = useT()
  return (
    <>
      <PageHead
        before={
          <TextLink to="/alerts" size="sm">
            <Icon name="left" size={14} /> {t('alerts.title')}
          </TextLink>
        }
        title={alert.summary}
        about={<AlertState alert={alert} />}
        actions={<Acknowledge alert={alert} />}
      />
      <Stack maw="52rem">
        <section aria-labelledby="todo">
          <h2 id="todo">{t('alerts.todoTitle')}</h2>
          <Text>
            <ServerWords>{alert.action}</ServerWords>
          </Text>
        </section>
        <Facts
          facts={[
            [t('alerts.subject'), <Ident key="subject">{alert.subject}</Ident>],
            [t('alerts.value'), <Ident key="value">{alert.value}</Ident>],
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
                  <Ident>{alert.acknowledged_by}</Ident> · <Time at={alert.acknowledged_at} as="absolute" />
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
