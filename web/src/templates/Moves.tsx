// Moves a template from one state to another, after a word of what that means. A rejection says why.
import { Text, Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { notify } from '../parts/Notices'
import { type Template, TEMPLATES } from './template'

export type Move = 'submit' | 'withdraw' | 'approve' | 'reject' | 'retire' | 'remove'

export function Moves({ template, move, onClose }: { template: Template; move: Move; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [reasons, setReasons] = useState('')
  const { id, name, version, number } = template
  const params = { path: { id }, header: { 'if-match': `"${version}"` } }
  const said = reasons.split('\n').map((line) => line.trim()).filter((line) => line !== '')

  const calls: Record<Move, () => Promise<unknown>> = {
    submit: () => take(api.POST('/v1/templates/{id}/submit', { params })),
    withdraw: () => take(api.POST('/v1/templates/{id}/withdraw', { params })),
    approve: () => take(api.POST('/v1/templates/{id}/decide', { params, body: { decision: 'approve' } })),
    reject: () => take(api.POST('/v1/templates/{id}/decide', { params, body: { decision: 'reject', reasons: said } })),
    retire: () => take(api.POST('/v1/templates/{id}/retire', { params })),
    remove: () => take(api.DELETE('/v1/templates/{id}', { params })),
  }
  const confirm = async (): Promise<void> => {
    await calls[move]()
    if (move === 'remove') await navigate({ to: '/templates' })
    await queries.invalidateQueries({ queryKey: [TEMPLATES] })
    notify(t(`templates.${move}.done`, { name }))
  }
  return (
    <ConfirmDialog title={t(`templates.${move}.title`, { name, number })} action={t(`templates.${move}`)} onClose={onClose} onConfirm={confirm}>
      <Text>{t(`templates.${move}.about`)}</Text>
      {move === 'reject' && (
        <Textarea mt="sm" label={t('templates.reasons')} description={t('templates.reasonsAbout')} value={reasons} autosize minRows={2} dir="auto" data-autofocus onChange={(event) => setReasons(event.currentTarget.value)} />
      )}
    </ConfirmDialog>
  )
}
