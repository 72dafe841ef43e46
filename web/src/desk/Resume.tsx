// Asks before something is resumed: what will be released, and how fast.
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { notify } from '../parts/Notices'
import { changedBy } from './desk'
import { type Stopped, WillRelease } from './held'

/** `resume` is the call that ends it. */
type Props = { stopped: Stopped; resume: () => Promise<unknown>; onClose: () => void }

export function Resume({ stopped, resume, onClose }: Props): ReactNode {
  const t = useT()
  const queries = useQueryClient()
  const confirm = async (): Promise<void> => {
    await resume()
    await Promise.all(changedBy.map((key) => queries.invalidateQueries({ queryKey: [key] })))
    notify(t('desk.resumed', { subject: stopped.value }))
  }
  return (
    <ConfirmDialog title={t('desk.resumeTitle', { subject: stopped.value })} action={t('desk.resume')} onClose={onClose} onConfirm={confirm}>
      <WillRelease stopped={stopped} />
    </ConfirmDialog>
  )
}
