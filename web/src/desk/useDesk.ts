// The network desk of who is signed in, wherever they act now: jobs are of the whole platform, and the right to them is
// that of one's own account, not of an account that one has entered.
import { useQuery } from '@tanstack/react-query'
import { take } from '../api/client'
import { ME, type Session, sessionOf } from '../app/session'
import { HOME } from '../app/where'

/** The session in which one may start jobs; null if one may not. */
export function useDesk(): Session | null {
  const home = sessionOf(HOME)
  const { data } = useQuery({ queryKey: ME, queryFn: () => take(home.api.GET('/v1/me')), staleTime: 60_000 }, home.queries)
  return data?.scopes.includes('desk') === true ? home : null
}
