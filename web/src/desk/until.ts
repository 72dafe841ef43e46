// Until when something is paused: until it is resumed, for some hours, or until a moment.
export const HOURS = ['1', '4', '24'] as const
export type Until = '' | 'at' | (typeof HOURS)[number]

/** The end as the API takes it; null if somebody resumes it. What is no time goes to the API, which says so. */
export function endOf(until: Until, at: string, now: number): string | null {
  if (until === '') return null
  if (until !== 'at') return new Date(now + Number(until) * 3_600_000).toISOString()
  const moment = Date.parse(at)
  return Number.isNaN(moment) ? at : new Date(moment).toISOString()
}
