// A list of the API, page by page: `useList('/v1/keys', { limit: 50 })`.
import { type InfiniteData, useInfiniteQuery, type UseInfiniteQueryResult } from '@tanstack/react-query'
import { type Api, take } from '../api/client'
import type { paths } from '../api/schema'
import { type Session, useApi } from '../app/session'

type Page = { data: unknown[]; next: string | null }
type AnswerOf<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer A } } } }
}
  ? A
  : never

/** The paths that answer with pages. */
export type ListPath = { [P in keyof paths]: AnswerOf<P> extends Page ? P : never }[keyof paths]
export type RowOf<P extends ListPath> = AnswerOf<P> extends { data: (infer R)[] } ? R : never
export type QueryOf<P extends ListPath> = paths[P] extends { get: { parameters: { query?: infer Q } } }
  ? Omit<NonNullable<Q>, 'after'>
  : never
type PathOf<P extends ListPath> = paths[P] extends { get: { parameters: { path: infer V } } } ? V : undefined

export type List<R> = UseInfiniteQueryResult<InfiniteData<{ data: R[]; next: string | null }>> & {
  /** All rows that were read so far. */
  rows: R[]
  /** The path that it was read from, which names the list. */
  path: string
}

type Options<P extends ListPath> = { path?: PathOf<P>; every?: number; enabled?: boolean; /** The client that reads it, if that acts in another account, which `of` names in the cache. */ api?: Api; of?: string }

/** The key of a list in the cache. `[path]` alone stands for all lists of a path. */
export const listKey = (path: ListPath, query: object = {}, values: object = {}): readonly unknown[] => [path, values, query]

/** How a list is read, page by page. */
function pagesOf<P extends ListPath>(api: Api, path: P, query: QueryOf<P>, { path: values, of }: Options<P>) {
  return {
    queryKey: [...listKey(path, query, values ?? {}), ...(of === undefined ? [] : [of])],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }: { pageParam: string | null; signal: AbortSignal }) => {
      // The types of the path's own call are checked by this function's parameters.
      const get = api.GET as unknown as (path: string, init: object) => Promise<{ data?: unknown; response: Response }>
      const after = pageParam === null ? {} : { after: pageParam }
      const params = { path: values, query: { ...query, ...after } }
      return (await take(get(path, { params, signal }))) as { data: RowOf<P>[]; next: string | null }
    },
    getNextPageParam: (last: { next: string | null }) => last.next,
  }
}

/** Begin to read a list that a page will show. */
export const readListAhead = <P extends ListPath>({ api, queries }: Session, path: P, query: QueryOf<P>): Promise<void> =>
  queries.prefetchInfiniteQuery(pagesOf(api, path, query, {}))

/** `path` are the values of the path's placeholders, `every` the milliseconds after which it is read again. */
export function useList<P extends ListPath>(path: P, query: QueryOf<P>, options: Options<P> = {}): List<RowOf<P>> {
  const own = useApi()
  const found = useInfiniteQuery({
    ...pagesOf(options.api ?? own, path, query, options),
    refetchInterval: options.every ?? false,
    enabled: options.enabled ?? true,
  })
  const rows = found.data?.pages.flatMap((page) => page.data) ?? []
  return { ...found, rows, path }
}
