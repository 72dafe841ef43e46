// Local time in a zone: where its days and hours begin, and what was so many days before.
//
// A local time is a number like an epoch time, but of the clock on the wall.

const HOUR = 3_600_000
export const DAY = 24 * HOUR

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(zone: string): Intl.DateTimeFormat {
  let found = clocks.get(zone)
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23',
      year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    })
    clocks.set(zone, found)
  }
  return found
}

export function toLocal(at: number, zone: string): number {
  const parts = Object.fromEntries(clockOf(zone).formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) + (at % 1000)
}

const offsetAt = (at: number, zone: string): number => toLocal(at, zone) - at

/**
 * The moment of a local time. One that the clock passes over in spring comes as much later; of one that comes twice in
 * autumn it is the first. The server's periods begin by the same rule.
 */
export function fromLocal(local: number, zone: string): number {
  const early = local - offsetAt(local - DAY, zone)
  const late = local - offsetAt(local + DAY, zone)
  return toLocal(early, zone) === local || toLocal(late, zone) !== local ? early : late
}

export type Step = 'hour' | 'day' | 'month'

/** The beginning of the hour, day or month. */
export function floorTo(at: number, step: Step, zone: string): number {
  const local = toLocal(at, zone)
  if (step === 'hour') return at - (local % HOUR)
  const day = local - (local % DAY)
  if (step === 'day') return fromLocal(day, zone)
  const date = new Date(day)
  return fromLocal(Date.UTC(date.getUTCFullYear(), date.getUTCMonth()), zone)
}

/** The beginning of the hour, day or month after the one that begins with `at`. */
export function next(at: number, step: Step, zone: string): number {
  if (step === 'hour') return at + HOUR
  const local = toLocal(at, zone)
  // Where the clock passes over midnight, the day begins later, and the day after it does not.
  if (step === 'day') return fromLocal(local - (local % DAY) + DAY, zone)
  const date = new Date(local)
  return fromLocal(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1), zone)
}

/** The same time of day so many days later. */
export const daysLater = (at: number, days: number, zone: string): number => fromLocal(toLocal(at, zone) + days * DAY, zone)

/** A moment with its day, in a zone. */
export const timeIn = (at: number, zone: string, language: string): string =>
  new Intl.DateTimeFormat(language, { timeZone: zone, day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
