// The templates that can be sent, and what the approved version of the chosen one says: its texts and variables.
import { useQuery } from '@tanstack/react-query'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useList } from '../parts/useList'
import { type Template, TEMPLATES, type Type, type Version, VERSIONS } from '../templates/template'

const MOST = 200

export type Wording = Pick<Version, 'texts' | 'variables' | 'default_language' | 'purpose'>

/** Those with an approved version; and why they could not be read. */
export function useTemplates(): { templates: Template[]; error: unknown; again: () => void } {
  const list = useList(TEMPLATES, { limit: MOST }, { enabled: useMay('GET /v1/templates') })
  const templates = list.rows.filter((template) => template.approved !== null).toSorted((one, other) => (one.name < other.name ? -1 : 1))
  return { templates, error: list.data === undefined ? list.error : null, again: () => void list.refetch() }
}

/** What is sent of a template. Its newest version may be another one. */
export function useWording(template: Template | undefined): Wording | null {
  const api = useApi()
  const isNewest = template !== undefined && template.state === 'approved' && template.approved === template.number
  const { data } = useQuery({
    queryKey: [VERSIONS, template?.id, template?.approved],
    queryFn: () => take(api.GET('/v1/templates/{id}/versions/{version}', { params: { path: { id: template?.id ?? '', version: template?.approved ?? 0 } } })),
    enabled: template !== undefined && template.approved !== null && !isNewest,
  })
  if (template === undefined) return null
  return isNewest ? template : (data ?? null)
}

export const typesOf = (wording: Wording | null): Record<string, Type> =>
  Object.fromEntries(Object.entries(wording?.variables ?? {}).map(([name, { type }]) => [name, type]))
