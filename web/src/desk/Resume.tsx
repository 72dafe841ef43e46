// Asks before something is resumed: what will be released, and how fast.
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { notify } from '../parts/Notices'
import { changedBy, type Pause } from './desk'
import { WillRelease } from './held'

export function Resume({ pause, onClose }: { pause: Pause; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const resume = async (): Promise<void> => {
    await take(api.DELETE('/v1/pauses/{id}', { params: { path: { id: pause.id } } }))
    await Promise.all(changedBy.map((key) => queries.invalidateQueries({ queryKey: [key] })))
    notify(t('desk.resumed', { subject: pause.value }))
  }
  return (
    <ConfirmDialog title={t('desk.resumeTitle', { subject: pause.value })} action={t('desk.resume')} onClose={onClose} onConfirm={resume}>
      <WillRelease pause={pause} />
    </ConfirmDialog>
  )
}
