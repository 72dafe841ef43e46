// What fires now, the gravest first, each with what to do.
import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { TextLink } from '../parts/Link'
import { Who } from '../parts/Named'
import { NothingYet, Unread, Waiting } from '../parts/States'
import { useList } from '../parts/useList'
import { Ident, Time } from '../parts/Values'
import { Acknowledge, type Alert, ALERTS, AlertState } from './alert'
import { firstFirst } from './order'
import { AlertSummary, AlertWords } from './words'

const EVERY_MS = 5_000

export function Firing(): ReactNode {
  const t = useT()
  const list = useList(ALERTS, { status: 'firing', limit: 100 }, { every: EVERY_MS })
  const again = (): void => void list.refetch()
  if (list.data === undefined) return list.error ? <Unread error={list.error} onAgain={again} /> : <Waiting rows={3} height={90} />
  return (
    <Stack>
      {list.error ? <Unread error={list.error} onAgain={again} stale /> : null}
      {list.rows.length === 0 ? (
        <NothingYet icon="check" title={t('alerts.calm')} about={t('alerts.calmAbout')} />
      ) : (
        <ul className="o-firing" aria-label={t('alerts.tab.firing')}>
          {firstFirst(list.rows).map((alert) => (
            <li key={alert.id}>
              <OneFiring alert={alert} />
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button variant="subtle" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('parts.more')}
        </Button>
      )}
    </Stack>
  )
}

function OneFiring({ alert }: { alert: Alert }): ReactNode {
  const t = useT()
  return (
    <Paper withBorder p="md" radius="md" className="o-alert" data-tone={alert.severity === 'critical' ? 'bad' : 'warn'}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={6} flex="1 1 20rem" miw={0}>
          <Group gap="sm">
            <AlertState alert={alert} />
            <Text size="sm" c="dimmed">
              <Time at={alert.started_at} /> · <Ident>{alert.rule}</Ident>
            </Text>
          </Group>
          <Text fw={600}>
            <TextLink to="/alerts/$id" params={{ id: alert.id }}>
              <AlertSummary alert={alert} />
            </TextLink>
          </Text>
          <Text>
            <Text component="span" c="dimmed">{t('alerts.todo')}</Text> <AlertWords>{alert.action}</AlertWords>
          </Text>
          {alert.acknowledged_at !== null && (
            <Text size="sm" c="dimmed">
              {t('alerts.ackBy')} <Who who={alert.acknowledged_by ?? ''} /> · <Time at={alert.acknowledged_at} />
            </Text>
          )}
        </Stack>
        <Acknowledge alert={alert} />
      </Group>
    </Paper>
  )
}
