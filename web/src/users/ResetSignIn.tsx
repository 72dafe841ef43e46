// A link with which a user sets a new password; second factors can be removed with it.
import { Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import type { Link } from './LinkDialog'
import { type User, USERS } from './user'

export function ResetSignIn({ user, onClose, onLink }: { user: User; onClose: () => void; onLink: (link: Link) => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const form = useForm({
    initial: { second_factors: false },
    send: async (body) => {
      const made = await take(api.POST('/v1/users/{id}/reset', { params: { path: { id: user.id } }, body }))
      await queries.invalidateQueries({ queryKey: [USERS] })
      onClose()
      if (made.link === null) notify(t('users.mailed', { email: user.email }))
      else onLink({ what: 'reset', email: user.email, link: made.link, ends: made.expires_at })
    },
  })
  return (
    <Dialog onClose={onClose} title={t('users.resetTitle', { name: user.name || user.email })}>
      <form {...form.props}>
        <Stack>
          <Text>{t('users.resetAbout')}</Text>
          <Checkbox {...form.check('second_factors')} label={t('users.resetFactors')} description={t('users.resetFactorsAbout')} />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {t('users.resetDo')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
