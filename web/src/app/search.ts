// What is in the URL behind the question mark: filters, tabs, ranges.
//
// Rules kept here:
// - a name is written once for each value (`status=failed&status=expired`), as people and other programs write it;
// - a page says which names it knows and what they may be (`searchOf`). What it does not know is dropped, and `droppedBy`
//   says what that is;
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

/** What a value is read as; nothing if it is none. */
export type Reader<T> = (given: unknown) => T | undefined

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

/** Any number of what is read so. */
export const each =
  <T>(read: Reader<T>): Reader<T[]> =>
  (given) => {
    const values = (texts(given) ?? []).flatMap((value) => {
      const found = read(value)
      return found === undefined ? [] : [found]
    })
    return values.length > 0 ? values : undefined
  }

/** Any number of these. */
export const someOf = <const T extends string>(...allowed: T[]): Reader<T[]> => each(oneOf(...allowed))

/** A moment, as somebody may type it: `2026-11-30`, `2026-11-30T14:00:00Z`. */
export const moment: Reader<string> = (given) => {
  const value = text(given)
  return value !== undefined && /^\d{4}/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined
}

const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

/** The code of a country, or 001 for numbers of no country. */
export const country: Reader<string> = (given) => {
  const value = text(given)
  return value !== undefined && /^(?:[A-Za-z]{2}|001)$/.test(value) && regions.of(value.toUpperCase()) !== undefined ? value : undefined
}

/** The same, or this word. */
export const either =
  <T>(word: T, read: Reader<T>): Reader<T> =>
  (given) => (text(given) === word ? word : read(given))

/** A whole number as its digits, ten at most. */
export const digits: Reader<string> = (given) => {
  const value = text(given)
  return value !== undefined && /^\d{1,10}$/.test(value) ? value : undefined
}

/** `true` or nothing. */
export const flag: Reader<boolean> = (given) => (given === true || text(given) === 'true' ? true : undefined)

/** A whole number. */
export const whole: Reader<number> = (given) => {
  const value = typeof given === 'number' ? given : Number(text(given) ?? Number.NaN)
  return Number.isInteger(value) ? value : undefined
}

export type Shape = Record<string, Reader<unknown>>
export type SearchOf<S extends Shape> = { [K in keyof S]?: NonNullable<ReturnType<S[K]>> }

export type SearchReader<S extends Shape> = ((given: Record<string, unknown>) => SearchOf<S>) & { shape: S }

/** `validateSearch` of a page: `searchOf({ status: someOf('failed', 'sent'), to: text })`. */
export function searchOf<S extends Shape>(shape: S): SearchReader<S> {
  const read = (given: Record<string, unknown>): SearchOf<S> => {
    const found: Record<string, unknown> = {}
    for (const [name, read] of Object.entries(shape)) {
      const value = read(given[name])
      // The router lays what was read over what was given: a value that is none has to be taken away.
      if (value !== undefined || given[name] !== undefined) found[name] = value
    }
    // Each reader gave a value of its own type.
    return found as SearchOf<S>
  }
  return Object.assign(read, { shape })
}

/** What of a search is dropped: a value that its name cannot have, or a name that no page has there, without a value. */
export type Dropped = { name: string; value?: string }

export function droppedBy(shapes: readonly Shape[], given: RawSearch): Dropped[] {
  return Object.entries(given).flatMap(([name, value]): Dropped[] => {
    const read = shapes.findLast((shape) => Object.hasOwn(shape, name))?.[name]
    if (read === undefined) return [{ name }]
    return (texts(value) ?? []).filter((each) => read(each) === undefined).map((each) => ({ name, value: each }))
  })
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
