// One verify profile, as it is now.
import { useQuery } from '@tanstack/react-query'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { PROFILES } from './verification'

export function useOneProfile(id: string) {
  const api = useApi()
  return useQuery({
    queryKey: [PROFILES, id],
    queryFn: ({ signal }) => take(api.GET('/v1/verify-profiles/{id}', { params: { path: { id } }, signal })),
  })
}
