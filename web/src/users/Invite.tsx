// The form for an invitation: an address and a role.
import { Button, Stack, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import type { Link } from './LinkDialog'
import { RoleChoice } from './RoleChoice'
import { INVITATIONS, type RoleName } from './user'

type Values = { email: string; role: RoleName }

export function Invite({ onClose, onLink }: { onClose: () => void; onLink: (link: Link) => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const form = useForm<Values>({
    initial: { email: '', role: 'viewer' },
    send: async (values) => {
      const made = await take(api.POST('/v1/invitations', { body: values }))
      await queries.invalidateQueries({ queryKey: [INVITATIONS] })
      onClose()
      if (made.link === undefined) notify(t('users.mailed', { email: made.email }))
      else onLink({ what: 'invitation', email: made.email, link: made.link, ends: made.expires_at })
    },
  })
  return (
    <Dialog onClose={onClose} title={t('users.invite')}>
      <form {...form.props}>
        <Stack>
          <TextInput {...form.field('email')} type="email" label={t('users.email')} description={t('users.inviteAbout')} dir="ltr" autoComplete="off" data-autofocus />
          <RoleChoice field={form.field('role')} />
          <FormErrors form={form} />
          <FormActions aside={<CopyAsCode request={{ operation: 'POST /v1/invitations', body: form.values }} />}>
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {t('users.invite')}
            </Button>
          </FormActions>
        </Stack>
      </form>
    </Dialog>
  )
}
