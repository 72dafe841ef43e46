// The table of roles: what each is for, and its rights.
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Found } from '../parts/States'
import { StatusBadge } from '../parts/StatusBadge'
import { Ident, ServerWords } from '../parts/Values'
import { Rights } from '../rights/rights'
import { knownRole, roleWord, useRoles } from './user'
import './users.css'

export function Roles(): ReactNode {
  const t = useT()
  const query = useRoles()
  return (
    <Found query={query} rows={8}>
      {({ data }) => (
        <ul className="o-roles">
          {data.map(({ name, about, scopes, gives }) => {
            const role = knownRole(name)
            return (
              <li key={name}>
                <div>
                  <h2>{roleWord(name)}</h2>
                  <Ident>{name}</Ident>
                </div>
                <div>
                  <Text>{role === undefined ? <ServerWords>{about}</ServerWords> : t(`users.about.${role}`)}</Text>
                  <details>
                    <summary>{t('users.scopeCount', { count: scopes.length })}</summary>
                    <Rights scopes={scopes} />
                  </details>
                </div>
                <div>{!gives && <StatusBadge tone="quiet" icon="lock">{t('users.cannotGive')}</StatusBadge>}</div>
              </li>
            )
          })}
        </ul>
      )}
    </Found>
  )
}
