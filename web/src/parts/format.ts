// Numbers, times and money as text, in the language and zone of the person.
import { preferences, usePreference } from '../app/preferences'
import { locale, useLanguage } from '../i18n/i18n'

let local: string | null = null

/** The IANA zone in which times are shown. That of the machine is asked for once: it takes as long as to draw a row. */
export function zoneOf(preference: string): string {
  return preference === 'local' ? (local ??= Intl.DateTimeFormat().resolvedOptions().timeZone) : preference
}

export const shownZone = (): string => zoneOf(preferences.get('zone') ?? 'local')

export type Format = {
  number: (value: number) => string
  percent: (share: number) => string
  /** A whole moment with its zone: `29 Nov 2026, 12:00:00.123 UTC`. */
  moment: (at: string | number | Date) => string
  /** A moment for a list: the time of today, else also the day. */
  short: (at: string | number | Date) => string
  /** `5 minutes ago`. */
  relative: (at: string | number | Date, now?: number) => string
  money: (amount: string, currency: string) => string
  duration: (milliseconds: number) => string
  /** A day: `1 Mar 2027`. */
  day: (at: string | number | Date) => string
  /** `1.2 MB`. */
  size: (bytes: number) => string
  /** The time of a moment to the millisecond: `12:00:00.123`. */
  instant: (at: string | number | Date) => string
  list: (items: string[]) => string
  zone: string
}

/** A moment that somebody may have typed, for people; what is no time stays as it is. */
export const typedTime = (format: Format, value: string): string => (Number.isNaN(Date.parse(value)) ? value : format.short(value))

/** The formats of the person's language and zone; a component that asks follows their changes. */
export function useFormat(): Format {
  useLanguage()
  return formatIn(locale(), zoneOf(usePreference('zone', 'local')))
}

const made = new Map<string, Format>()

export function formatIn(language: string, timeZone: string): Format {
  const key = `${language} ${timeZone}`
  let found = made.get(key)
  if (found === undefined) {
    found = make(language, timeZone)
    made.set(key, found)
  }
  return found
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

function make(language: string, timeZone: string): Format {
  const number = new Intl.NumberFormat(language)
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  const day = new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'medium' })
  const clock = { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
  const whole = new Intl.DateTimeFormat(language, {
    ...clock, day: 'numeric', month: 'short', year: 'numeric', fractionalSecondDigits: 3, timeZoneName: 'short',
  })
  const time = new Intl.DateTimeFormat(language, clock)
  const exact = new Intl.DateTimeFormat(language, { ...clock, fractionalSecondDigits: 3 })
  const dayAndTime = new Intl.DateTimeFormat(language, { ...clock, day: 'numeric', month: 'short' })
  const ago = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const lists = new Intl.ListFormat(language, { type: 'conjunction' })
  const date = (at: string | number | Date): Date => new Date(at)
  return {
    zone: timeZone,
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    moment: (at) => whole.format(date(at)),
    short: (at) => {
      const when = date(at)
      if (day.format(when) === day.format(new Date())) return time.format(when)
      return Date.now() - when.getTime() < 300 * 86_400_000 ? dayAndTime.format(when) : day.format(when)
    },
    relative: (at, now = Date.now()) => {
      const passed = date(at).getTime() - now
      const [unit, length] = UNITS.find(([, each]) => Math.abs(passed) >= each) ?? ['second', 1_000]
      return ago.format(Math.trunc(passed / length), unit)
    },
    money: (amount, currency) => moneyIn(language, amount, currency),
    day: (at) => day.format(date(at)),
    duration: (milliseconds) => durationIn(language, milliseconds),
    size: (bytes) => sizeIn(language, bytes),
    instant: (at) => exact.format(date(at)),
    list: (items) => lists.format(items),
  }
}

const numbers = new Map<string, Intl.NumberFormat>()

/** A format of numbers. To make one takes longer than to write a hundred numbers with it. */
function numberIn(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`
  let found = numbers.get(key)
  if (found === undefined) {
    found = new Intl.NumberFormat(language, options)
    numbers.set(key, found)
  }
  return found
}

/** Money as the API writes it: every digit of its decimal string is shown, and none is added but to cents. */
function moneyIn(language: string, amount: string, currency: string): string {
  const digits = Math.max(2, (amount.split('.')[1] ?? '').length)
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  // `Intl` takes the decimal string as it is, so that no digit is lost on the way through a float.
  const value = amount as unknown as number
  try {
    return numberIn(language, { ...options, style: 'currency', currency }).format(value)
  } catch {
    return `${numberIn(language, options).format(value)} ${currency}`
  }
}

const countries = new Map<string, Intl.DisplayNames>()

/** The name of a country in a language; its code, if that is none. */
export function countryIn(language: string, code: string): string {
  let found = countries.get(language)
  if (found === undefined) {
    found = new Intl.DisplayNames([language], { type: 'region' })
    countries.set(language, found)
  }
  try {
    return found.of(code) ?? code
  } catch {
    return code
  }
}

function sizeIn(language: string, bytes: number): string {
  const [unit, each]: [string, number] =
    bytes < 1_000 ? ['byte', 1]
    : bytes < 1e6 ? ['kilobyte', 1_000]
    : bytes < 1e9 ? ['megabyte', 1e6]
    : bytes < 1e12 ? ['gigabyte', 1e9]
    : ['terabyte', 1e12]
  return numberIn(language, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: unit === 'byte' ? 0 : 1 }).format(bytes / each)
}

function durationIn(language: string, milliseconds: number): string {
  const [unit, length]: [string, number] =
    milliseconds < 1_000 ? ['millisecond', 1]
    : milliseconds < 60_000 ? ['second', 1_000]
    : milliseconds < 3_600_000 ? ['minute', 60_000]
    : milliseconds < 86_400_000 ? ['hour', 3_600_000]
    : ['day', 86_400_000]
  const options = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: unit === 'millisecond' && milliseconds >= 10 ? 0 : 1 } as const
  return numberIn(language, options).format(milliseconds / length)
}
