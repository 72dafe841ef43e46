// How much of a limit is used.

/** From this part on, a limit is nearly used up. */
const NEAR = 0.9

type Use = { limit: number; used: number }

/** The part that is used, from 0 to 1, and whether there is little or nothing left. A limit may be passed by messages that were accepted before. */
export function partOf({ limit, used }: Use): { share: number; state: 'room' | 'near' | 'full' } {
  if (used >= limit) return { share: 1, state: 'full' }
  const share = used / limit
  return { share, state: share >= NEAR ? 'near' : 'room' }
}
