// The browsers in which one is signed in, and their ends.
import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { forgetSessions, useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { notifyRefusal } from '../parts/Notices'
import { Found } from '../parts/States'
import { StatusBadge } from '../parts/StatusBadge'
import { Ident, Time } from '../parts/Values'
import { browserOf } from './agents'
import { Section } from './Section'

const SESSIONS = '/v1/sessions'

type Session = components['schemas']['SessionView']

export function Sessions(): ReactNode {
  const t = useT()
  const api = useApi()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const query = useQuery({ queryKey: [SESSIONS], queryFn: () => take(api.GET(SESSIONS)) })
  const endAll = async (): Promise<void> => {
    await take(api.DELETE(SESSIONS))
    forgetSessions()
    await navigate({ to: '/sign-in', search: {} })
  }
  return (
    <Section title={t('me.sessions')}>
      <Stack>
        <Found query={query} rows={2}>
          {({ data }) => data.map((session) => <OneSession key={session.id} session={session} />)}
        </Found>
        <Group>
          <Button variant="default" onClick={() => setAsking(true)}>
            {t('me.endAll')}
          </Button>
        </Group>
      </Stack>
      {asking && (
        <ConfirmDialog title={t('me.endAll')} action={t('me.endAll')} onClose={() => setAsking(false)} onConfirm={endAll}>
          {t('me.endAllAbout')}
        </ConfirmDialog>
      )}
    </Section>
  )
}

function OneSession({ session }: { session: Session }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const end = async (): Promise<void> => {
    try {
      await take(api.DELETE('/v1/sessions/{id}', { params: { path: { id: session.id } } }))
      await queries.invalidateQueries({ queryKey: [SESSIONS] })
    } catch (error) {
      notifyRefusal(error)
    }
  }
  const browser = browserOf(session.agent) ?? t('me.unknownBrowser')
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <div>
        <Group gap="xs">
          <bdi dir="ltr">{browser}</bdi>
          {session.current && <StatusBadge tone="good">{t('me.thisBrowser')}</StatusBadge>}
        </Group>
        <Text size="sm" c="dimmed">
          <Ident>{session.address}</Ident> · {t('me.lastUsed')} <Time at={session.last_used_at} />
        </Text>
      </div>
      {!session.current && (
        <Button variant="subtle" color="red" c="var(--onesixty-bad)" size="xs" onClick={() => void end()} aria-label={`${t('me.end')}: ${browser}, ${session.address}`}>
          {t('me.end')}
        </Button>
      )}
    </Group>
  )
}
