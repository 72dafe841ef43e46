// The paths of numbers and ranges, and how a list of ranges is read from text.
import type { components } from '../api/schema'

export type OwnNumber = components['schemas']['Number']
export type Range = components['schemas']['NumberRange']

export const NUMBERS = '/v1/numbers'
export const RANGES = '/v1/number-ranges'
export const MODES = ['live', 'test'] as const
export const PLACES = ['both', 'webhooks', 'binds'] as const
/** The filters of the page as those of the API: `mode` in the URL is that in which one acts. */
export const queryOf = ({ traffic, number, account_id }: { traffic?: (typeof MODES)[number]; number?: string; account_id?: string }) => ({ number, account_id, mode: traffic })

/** The API takes no more at once. */
export const MOST_RANGES = 20_000

export type ReadRanges = { ranges: Range[]; /** Lines that are no range, as they were written. */ odd: string[] }

/** Ranges, one a line: a prefix and its network, separated by a comma, a semicolon, a tab or a space. */
export function rangesIn(text: string): ReadRanges {
  const found = new Map<string, string>()
  const odd: string[] = []
  for (const line of text.split(/\r?\n/)) {
    const written = line.trim()
    if (written === '') continue
    const [, prefix, mcc, mnc] = /^["']?\+?([1-9]\d{0,14})["']?\s*[,;\s]\s*["']?(\d{3})[- ]?(\d{2,3})["']?$/.exec(written) ?? []
    if (prefix === undefined) odd.push(written)
    else found.set(prefix, `${mcc}${mnc}`)
  }
  return { ranges: [...found].map(([prefix, network]) => ({ prefix, network })), odd }
}

/** The country code and the network code of MCC and MNC. */
export const networkParts = (network: string): string => `${network.slice(0, 3)} ${network.slice(3)}`
