// What the pages of the network desk read.
import type { components } from '../api/schema'

export type Pause = components['schemas']['Pause']
export type Job = components['schemas']['Job']

export const PAUSES = '/v1/pauses'
export const JOBS = '/v1/jobs'
export const SKIPPED = '/v1/jobs/{id}/skipped'

export const KINDS = ['carrier', 'bind', 'route', 'account', 'sender', 'country'] as const satisfies readonly Pause['kind'][]
export const MODES = ['pause', 'drain'] as const satisfies readonly Pause['mode'][]

/** What is read again when something was paused or resumed. */
export const changedBy = [PAUSES, '/v1/carriers', '/v1/carrier-states'] as const

/** How many messages a job changed so far, and how many it left as they were. */
export function resultOf(job: Job): { changed: number; left: number } {
  const changed = job.counts.done ?? 0
  const all = Object.values(job.counts).reduce((sum, count) => sum + count, 0)
  return { changed, left: all - changed }
}

/** The filter of a job: the fields that are set, one for each value of a list. */
export const filterOf = (job: Job): [field: string, value: string][] =>
  Object.entries(job.filter).flatMap(([field, value]) =>
    (value === null || value === undefined ? [] : [value].flat()).map((each): [string, string] => [field, String(each)]),
  )
