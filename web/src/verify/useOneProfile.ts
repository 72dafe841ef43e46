// One verify profile, as it is now: of the mode in which one acts, or of another one that is named.
import { useQuery } from '@tanstack/react-query'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { PROFILES } from './verification'

export function useOneProfile(id: string, mode?: 'test') {
  const api = useApi()
  return useQuery({
    queryKey: [PROFILES, id, mode],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/verify-profiles/{id}', { params: { path: { id }, ...(mode === undefined ? {} : { header: { 'Onesixty-Mode': mode } }) }, signal })),
  })
}
