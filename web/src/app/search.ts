// What is in the URL behind the question mark: filters, tabs, ranges.
//
// Rules kept here:
// - a name is written once for each value (`status=failed&status=expired`), as people and other programs write it;
// - a page says which names it knows and what they may be (`searchOf`). What it does not know is dropped;
// - what has its default is not in the URL.

export type RawSearch = Record<string, string | string[] | undefined>

export function parseSearch(query: string): RawSearch {
  const found: RawSearch = {}
  for (const [name, value] of new URLSearchParams(query)) {
    const before = found[name]
    found[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
  }
  return found
}

export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null && each !== '') query.append(name, String(each))
    }
  }
  const written = query.toString()
  return written === '' ? '' : `?${written}`
}

type Reader<T> = (given: unknown) => T | undefined

/** Any text. */
export const text: Reader<string> = (given) => {
  const value = Array.isArray(given) ? given[0] : given
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** One of these. */
export const oneOf =
  <const T extends string>(...allowed: T[]): Reader<T> =>
  (given) => {
    const value = text(given)
    return allowed.find((each) => each === value)
  }

/** Any number of texts. */
export const texts: Reader<string[]> = (given) => {
  const values = (Array.isArray(given) ? given : [given]).filter(
    (value): value is string => typeof value === 'string' && value !== '',
  )
  return values.length > 0 ? values : undefined
}

/** Any number of these. */
export const someOf =
  <const T extends string>(...allowed: T[]): Reader<T[]> =>
  (given) => {
    const values = (texts(given) ?? []).flatMap((value) => allowed.filter((each) => each === value))
    return values.length > 0 ? values : undefined
  }

/** `true` or nothing. */
export const flag: Reader<boolean> = (given) => (given === true || text(given) === 'true' ? true : undefined)

/** A whole number. */
export const whole: Reader<number> = (given) => {
  const value = typeof given === 'number' ? given : Number(text(given) ?? Number.NaN)
  return Number.isInteger(value) ? value : undefined
}

type Shape = Record<string, Reader<unknown>>
export type SearchOf<S extends Shape> = { [K in keyof S]?: NonNullable<ReturnType<S[K]>> }

/** `validateSearch` of a page: `searchOf({ status: someOf('failed', 'sent'), to: text })`. */
export function searchOf<S extends Shape>(shape: S): (given: Record<string, unknown>) => SearchOf<S> {
  return (given) => {
    const found: Record<string, unknown> = {}
    for (const [name, read] of Object.entries(shape)) {
      const value = read(given[name])
      if (value !== undefined) found[name] = value
    }
    // Each reader gave a value of its own type.
    return found as SearchOf<S>
  }
}

/** Whether two searches are the same: neither the order of names nor that of values matters. */
export const sameSearch = (one: object, other: object): boolean => written(one) === written(other)

const written = (search: object): string =>
  JSON.stringify(
    Object.entries(search)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? value.map(String).toSorted() : String(value)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
