// What several pages say of a user: the role, and the second factors.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { t, useT } from '../i18n/i18n'
import { StatusBadge } from '../parts/StatusBadge'
import { useFormat } from '../parts/format'

export type User = components['schemas']['UserView']
export type Invitation = components['schemas']['InvitationView']
export type RoleName = User['role']

export const USERS = '/v1/users'
export const INVITATIONS = '/v1/invitations'

const ROLES: readonly RoleName[] = ['owner', 'admin', 'developer', 'network', 'marketer', 'finance', 'support', 'viewer']

/** The name of a role as one of those that the console knows. The API may have others after an upgrade. */
export const knownRole = (name: string): RoleName | undefined => ROLES.find((role) => role === name)

/** The word for a role; one that the console does not know keeps the API's name. */
export function roleWord(name: string): string {
  const role = knownRole(name)
  return role === undefined ? name : t(`users.role.${role}`)
}

/** All roles, and which of them one may give. */
export function useRoles() {
  const api = useApi()
  return useQuery({ queryKey: ['/v1/roles'], queryFn: () => take(api.GET('/v1/roles')), staleTime: 60_000 })
}

/** Which second factors a user has. None is a risk, and is marked. */
export function Factors({ factors }: { factors: string[] }): ReactNode {
  const t = useT()
  const format = useFormat()
  if (factors.length === 0) return <StatusBadge tone="warn">{t('users.noFactor')}</StatusBadge>
  const words = factors.map((factor) => (factor === 'totp' || factor === 'passkey' ? t(`users.factor.${factor}`) : factor))
  return <StatusBadge tone="good" icon="shield">{format.list(words)}</StatusBadge>
}
