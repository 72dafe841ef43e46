// Times in the URL, as the API takes them: a span that ends now (`last=24h`), and one that somebody typed.

export const SPANS = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 } as const
export type Span = keyof typeof SPANS
export const SPAN_NAMES = ['1h', '24h', '7d', '30d'] as const satisfies readonly Span[]

/** When the span began. Two spans that begin in the same minute are the same query. */
export function since(last: Span | undefined, now: number): { created_after?: string } {
  if (last === undefined) return {}
  const at = now - SPANS[last]
  return { created_after: new Date(at - (at % 60_000)).toISOString() }
}

/** A time as the API takes it. What is no time goes to the API as it is, which says what is wrong. */
export function instant(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const at = Date.parse(given)
  return Number.isNaN(at) ? given : new Date(at).toISOString()
}
