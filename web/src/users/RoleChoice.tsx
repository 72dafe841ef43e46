// The choice of a role, with what the chosen one may do. Roles that one may not give are disabled.
import { Select } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import type { FieldProps } from '../parts/useForm'
import { knownRole, type RoleName, roleWord, useRoles } from './user'

export function RoleChoice({ field }: { field: FieldProps<RoleName> }): ReactNode {
  const t = useT()
  const roles = useRoles().data?.data ?? []
  const role = knownRole(field.value)
  return (
    <Select
      {...field}
      label={t('users.role')}
      description={role === undefined ? undefined : t(`users.about.${role}`)}
      allowDeselect={false}
      data={roles.map(({ name, gives }) => ({ value: name, label: roleWord(name), disabled: !gives && name !== field.value }))}
    />
  )
}
