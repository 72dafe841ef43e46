// The people who can give one the right that one's role lacks. Few see them, so they are no part of the first load.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { AUDIENCES } from '../api/scopes'
import { useApi, useMe } from '../app/session'
import { locale, useT } from '../i18n/i18n'

export function WhoGives({ scope }: { scope: string }): ReactNode {
  const t = useT()
  const api = useApi()
  const { operator } = useMe()
  const nobody = !operator && (AUDIENCES as Record<string, string>)[scope] === 'operator'
  const { data } = useQuery({
    queryKey: ['/v1/me/managers'],
    queryFn: () => take(api.GET('/v1/me/managers')),
    staleTime: 300_000,
    enabled: !nobody,
  })
  if (nobody) return t('parts.forbiddenOperator')
  // Each name keeps its own direction.
  const names = (data?.data ?? []).map(({ name }) => `\u2068${name}\u2069`)
  if (names.length === 0) return t('parts.forbiddenAbout')
  return t('parts.forbiddenAsk', { names: new Intl.ListFormat(locale(), { type: 'disjunction' }).format(names) })
}
