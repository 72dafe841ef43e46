// The profiles of the account and mode: they are few, and are read once for a page.
import type { components } from '../api/schema'
import { useMay } from '../app/session'
import { useList } from '../parts/useList'
import { PROFILES } from './verification'

export type Profile = components['schemas']['VerifyProfileView']

export function useProfiles(): Profile[] {
  return useList(PROFILES, { limit: 200 }, { enabled: useMay('GET /v1/verify-profiles') }).rows
}
