// The names of weekdays, and the time zones that one can choose.
import { locale } from '../i18n/i18n'

/** The name of a weekday in the person's language. Monday is 0. */
export const weekdayName = (place: number, width: 'short' | 'long' = 'short'): string =>
  // 5 January 2026 is a Monday.
  new Intl.DateTimeFormat(locale(), { weekday: width, timeZone: 'UTC' }).format(Date.UTC(2026, 0, 5 + place))

/** The IANA zones that the browser knows, UTC first. */
export const zones = (): string[] => [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])]
