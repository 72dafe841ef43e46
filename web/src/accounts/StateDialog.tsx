// Suspends or closes an account with a reason, or makes it active again.
import { Stack, Text, Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { notify } from '../parts/Notices'
import type { Account, State } from './account'
import type { Tree } from './tree'

export function StateDialog({ tree, account, to, onClose }: { tree: Tree; account: Account; to: State; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const { id, name, version } = account
  const change = async (): Promise<void> => {
    const said = reason.trim()
    const body = { state: to, state_reason: to === 'active' || said === '' ? null : said }
    await take(api.PATCH(tree.one, { params: { path: { id }, header: { 'if-match': `"${version}"` } }, body }))
    await queries.invalidateQueries({ queryKey: [tree.list] })
    notify(t(`accounts.done.${to}`, { name }))
  }
  return (
    <ConfirmDialog title={t(`accounts.ask.${to}`, { name })} action={t(`accounts.do.${to}`)} typed={to === 'closed' ? name : undefined} onClose={onClose} onConfirm={change}>
      <Stack>
        <Text>{t(`accounts.what.${to}`)}</Text>
        {to !== 'active' && (
          <Textarea label={t('accounts.reason')} description={t('accounts.reasonAbout')} value={reason} maxLength={500} autosize minRows={2} dir="auto" data-autofocus onChange={(event) => setReason(event.currentTarget.value)} />
        )}
      </Stack>
    </ConfirmDialog>
  )
}
