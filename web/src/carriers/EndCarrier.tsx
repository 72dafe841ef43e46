// Asks before a carrier is switched off or on, and before it is removed.
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { notify } from '../parts/Notices'
import { CARRIERS, type LiveCarrier, STATES } from './carrier'

type Props = { carrier: LiveCarrier; onClose: () => void }

export function Switch({ carrier, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const what = carrier.enabled ? 'off' : 'on'
  const confirm = async (): Promise<void> => {
    await take(api.PATCH('/v1/carriers/{id}', { params: { path: { id: carrier.id } }, body: { enabled: !carrier.enabled } }))
    await Promise.all([CARRIERS, STATES].map((key) => queries.invalidateQueries({ queryKey: [key] })))
    notify(t(`carriers.switched.${what}`, { name: carrier.name }))
  }
  return (
    <ConfirmDialog title={t(`carriers.askSwitch.${what}`, { name: carrier.name })} action={carrier.enabled ? t('carriers.switchOff') : t('carriers.switchOn')} onClose={onClose} onConfirm={confirm}>
      {t(`carriers.askSwitchAbout.${what}`)}
    </ConfirmDialog>
  )
}

export function Remove({ carrier, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const confirm = async (): Promise<void> => {
    await take(api.DELETE('/v1/carriers/{id}', { params: { path: { id: carrier.id } } }))
    await navigate({ to: '/carriers' })
    await Promise.all([CARRIERS, STATES].map((key) => queries.invalidateQueries({ queryKey: [key] })))
    notify(t('carriers.removedNotice', { name: carrier.name }))
  }
  return (
    <ConfirmDialog title={t('carriers.askRemove', { name: carrier.name })} action={t('carriers.remove')} typed={carrier.name} onClose={onClose} onConfirm={confirm}>
      {t('carriers.askRemoveAbout')}
    </ConfirmDialog>
  )
}
