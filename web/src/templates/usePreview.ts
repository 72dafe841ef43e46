// What a text of a template would be with these values, asked while one types: not more often than the hand stops, and
// the last answer stays.
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { isRefusal } from '../api/problem'
import { take } from '../api/client'
import { useApi } from '../app/session'
import type { Template, TextPreview } from './template'
import { valuesOf } from './variables'

const PAUSE_MS = 150

type Refused = { detail: string; param: string | null }
export type Previewed = { data: TextPreview | null; refusal: Refused | null; error: unknown; refetch: () => unknown }

/** `text` is what stands in the editor, if it differs from what is saved; `number` an older version. */
export function usePreview(template: Pick<Template, 'id' | 'version' | 'variables'>, language: string, text: string | undefined, typed: Record<string, string>, number?: number): Previewed {
  const api = useApi()
  const types = Object.fromEntries(Object.entries(template.variables).map(([name, { type }]) => [name, type]))
  const written = JSON.stringify({ language, ...(text === undefined ? {} : { text }), ...(number === undefined ? {} : { version: number }), variables: valuesOf(types, typed) })
  const [settled] = useDebouncedValue(written, PAUSE_MS)
  const { data, error, refetch } = useQuery({
    queryKey: ['preview', template.id, template.version, settled],
    queryFn: ({ signal }) => take(api.POST('/v1/templates/{id}/preview', { params: { path: { id: template.id } }, body: JSON.parse(settled) as { language: string }, signal })),
    placeholderData: (before) => before,
    staleTime: 30_000,
    retry: false,
  })
  const refused = isRefusal(error) && error.problem.status === 422 ? { detail: error.problem.detail, param: error.param } : null
  // What is refused has no answer: the last one of this language stays.
  const last = useRef<{ language: string; shown: TextPreview } | null>(null)
  const shown = data?.texts[0]
  if (shown !== undefined) last.current = { language, shown }
  return { data: shown ?? (last.current?.language === language ? last.current.shown : null), refusal: refused, error: refused === null ? error : null, refetch }
}
