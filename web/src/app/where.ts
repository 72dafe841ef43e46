// In which account and mode a page acts. Both are in the URL (`?account=acc_...&mode=test`), and become the headers
// `Onesixty-Account` and `Onesixty-Mode` of each request. Left out: the account of the session, and live.

export type Mode = 'live' | 'test'
export type Where = { account: string | undefined; mode: Mode }

export const HOME: Where = { account: undefined, mode: 'live' }

export const placeOf = (where: Where): string => `${where.account ?? ''}:${where.mode}`

export function headersOf(where: Where): Record<string, string> {
  return {
    ...(where.account === undefined ? {} : { 'Onesixty-Account': where.account }),
    ...(where.mode === 'test' ? { 'Onesixty-Mode': 'test' } : {}),
  }
}
