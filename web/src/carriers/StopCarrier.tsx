// Asks before a carrier is paused, drained or resumed, and why.
import { Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { notify } from '../parts/Notices'
import { CARRIERS, type LiveCarrier, STATES } from './carrier'

export type Stop = 'pause' | 'drain' | 'resume'

type Props = { carrier: LiveCarrier; what: Stop; onClose: () => void }

export function StopCarrier({ carrier, what, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const confirm = async (): Promise<void> => {
    const params = { path: { id: carrier.id } }
    const body = { reason: reason.trim() === '' ? null : reason.trim() }
    if (what === 'pause') await take(api.POST('/v1/carriers/{id}/pause', { params, body }))
    else if (what === 'drain') await take(api.POST('/v1/carriers/{id}/drain', { params, body }))
    else await take(api.POST('/v1/carriers/{id}/resume', { params }))
    await Promise.all([CARRIERS, STATES, '/v1/pauses'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
    notify(t(`carriers.done.${what}`, { name: carrier.name }))
  }
  return (
    <ConfirmDialog title={t(`carriers.ask.${what}`, { name: carrier.name })} action={t(`carriers.${what}`)} onClose={onClose} onConfirm={confirm}>
      <Text>{t(`carriers.askAbout.${what}`)}</Text>
      {what !== 'resume' && (
        <TextInput mt="sm" label={t('carriers.reason')} description={t('carriers.reasonAbout')} value={reason} maxLength={200} dir="auto" data-autofocus onChange={(event) => setReason(event.currentTarget.value)} />
      )}
    </ConfirmDialog>
  )
}
