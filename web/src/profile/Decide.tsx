// What an operator decides on a profile, with the reasons of a rejection or the end of a verification.
import { Button, Group, Radio, Stack, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { type Decision, decisionsIn, type Profile, PROFILES, reasonsOf } from './profile'

type Values = { decision: Decision; reasons: string; expires_at: string }

export function Decide({ profile, onClose }: { profile: Profile; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const choices = decisionsIn(profile.state)
  const form = useForm<Values>({
    initial: { decision: choices[0] ?? 'verify', reasons: '', expires_at: '' },
    send: async ({ decision, reasons, expires_at: until }) => {
      const body = {
        decision,
        ...(decision === 'reject' ? { reasons: reasonsOf(reasons) } : {}),
        ...(decision === 'verify' && until !== '' ? { expires_at: `${until}T00:00:00Z` } : {}),
      }
      const header = profile.version > 0 ? { 'if-match': `"${profile.version}"` } : {}
      await take(api.POST('/v1/profiles/{account_id}/decide', { params: { path: { account_id: profile.account_id }, header }, body }))
      await queries.invalidateQueries({ queryKey: [PROFILES] })
      onClose()
      notify(t(`profile.decided.${decision}`))
    },
  })
  const { decision } = form.values
  return (
    <Dialog onClose={onClose} title={t('profile.decideTitle', { name: profile.legal_name ?? profile.account_id })}>
      <form {...form.props}>
        <Stack>
          <Radio.Group label={t('profile.decision')} value={decision} onChange={(to) => form.change({ decision: choices.find((each) => each === to) ?? decision })}>
            <Stack gap={8} mt={4}>
              {choices.map((each) => (
                <Radio key={each} value={each} label={t(`profile.decision.${each}`)} description={t(`profile.decision.${each}.about`)} />
              ))}
            </Stack>
          </Radio.Group>
          {decision === 'reject' && (
            <Textarea {...form.field('reasons')} label={t('profile.reasons')} description={t('profile.reasonsAbout')} dir="auto" autosize minRows={3} withAsterisk />
          )}
          {decision === 'verify' && <TextInput {...form.field('expires_at')} type="date" label={t('profile.until')} description={t('profile.untilAbout')} />}
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" color={decision === 'reject' || decision === 'expire' ? 'red.9' : undefined} loading={form.busy} disabled={decision === 'reject' && reasonsOf(form.values.reasons).length === 0}>
              {t(`profile.decision.${decision}`)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
