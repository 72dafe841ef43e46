// What several pages say of an alert.
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Icon } from '../parts/Icon'
import { notify, notifyRefusal } from '../parts/Notices'
import { StatusBadge } from '../parts/StatusBadge'

export type Alert = components['schemas']['AlertView']
export type Rule = components['schemas']['AlertRule']

export const ALERTS = '/v1/alerts'
export const RULES = '/v1/alert-rules'

/** How grave it is, or that it is over. */
export function AlertState({ alert }: { alert: Alert }): ReactNode {
  const t = useT()
  if (alert.status === 'resolved') return <StatusBadge tone="good">{t('alerts.state.resolved')}</StatusBadge>
  return <StatusBadge tone={alert.severity === 'critical' ? 'bad' : 'warn'}>{t(`alerts.severity.${alert.severity}`)}</StatusBadge>
}

/** Says that somebody sees to it. It goes on firing until its cause is gone. */
export function Acknowledge({ alert }: { alert: Alert }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const acknowledge = async (): Promise<void> => {
    setBusy(true)
    try {
      await take(api.POST('/v1/alerts/{id}/acknowledge', { params: { path: { id: alert.id } } }))
      await queries.invalidateQueries({ queryKey: [ALERTS] })
      notify(t('alerts.acknowledged'))
    } catch (error) {
      notifyRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  if (alert.acknowledged_at !== null || alert.status === 'resolved') return null
  return (
    <Act calls="POST /v1/alerts/{id}/acknowledge" variant="default" loading={busy} leftSection={<Icon name="check" />} onClick={() => void acknowledge()}>
      {t('alerts.acknowledge')}
    </Act>
  )
}
