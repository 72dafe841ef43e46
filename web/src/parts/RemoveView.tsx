// Asks before a saved view is deleted.
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from './ConfirmDialog'
import { notify } from './Notices'
import { type View, VIEWS } from './savedViews'

export function RemoveView({ view, onClose }: { view: View; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const remove = async (): Promise<void> => {
    await take(api.DELETE('/v1/saved-views/{id}', { params: { path: { id: view.id } } }))
    await queries.invalidateQueries({ queryKey: [VIEWS] })
    notify(t('views.removed'))
  }
  return (
    <ConfirmDialog title={t('views.removeTitle', { name: view.name })} action={t('views.remove')} onClose={onClose} onConfirm={remove}>
      {view.shared ? t('views.removeShared') : t('views.removeAbout')}
    </ConfirmDialog>
  )
}
