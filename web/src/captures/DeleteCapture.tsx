// Asks before a capture is deleted.
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { notify } from '../parts/Notices'
import { type Capture, CAPTURES, subjectOf } from './capture'

type Props = { capture: Capture; onClose: () => void; onDeleted?: () => void }

export function DeleteCapture({ capture, onClose, onDeleted }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const confirm = async (): Promise<void> => {
    await take(api.DELETE('/v1/captures/{id}', { params: { path: { id: capture.id } } }))
    onDeleted?.()
    await queries.invalidateQueries({ queryKey: [CAPTURES] })
    notify(t('captures.isDeleted'))
  }
  return (
    <ConfirmDialog title={t('captures.askDelete', { name: subjectOf(capture) })} action={t('captures.delete')} onClose={onClose} onConfirm={confirm}>
      {t('captures.askDeleteAbout')}
    </ConfirmDialog>
  )
}
