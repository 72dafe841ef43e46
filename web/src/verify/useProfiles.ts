// The profiles of the account and mode: they are few, and are read once for a page.
import type { components } from '../api/schema'
import { useMay } from '../app/session'
import { useList } from '../parts/useList'
import { PROFILES } from './verification'

export type Profile = components['schemas']['VerifyProfileView']

export const useProfiles = (): Profile[] => useKnownProfiles().profiles

/** The same for who has to know whether there are none, or they are still being read. */
export function useKnownProfiles(): { profiles: Profile[]; known: boolean } {
  const list = useList(PROFILES, { limit: 200 }, { enabled: useMay('GET /v1/verify-profiles') })
  return { profiles: list.rows, known: !list.isLoading }
}
