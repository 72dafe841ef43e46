// Another role for a user of the account.
import { Button, Group, Stack } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { ME, useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { RoleChoice } from './RoleChoice'
import { type RoleName, roleWord, type User, USERS } from './user'

export function ChangeRole({ user, onClose }: { user: User; onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const name = user.name || user.email
  const form = useForm<{ role: RoleName }>({
    initial: { role: user.role },
    send: async (body) => {
      // Not over the change of somebody else: the role was chosen for what was seen.
      await take(api.PATCH('/v1/users/{id}', { params: { path: { id: user.id }, header: { 'if-match': `"${user.version}"` } }, body }))
      await Promise.all([queries.invalidateQueries({ queryKey: [USERS] }), queries.invalidateQueries({ queryKey: ME })])
      onClose()
      notify(t('users.changed', { name, role: roleWord(body.role) }))
    },
  })
  return (
    <Dialog onClose={onClose} title={t('users.changeTitle', { name })}>
      <form {...form.props}>
        <Stack>
          <RoleChoice field={form.field('role')} />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy} disabled={!form.dirty}>
              {t('users.changeRole')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
