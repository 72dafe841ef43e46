// What the API finds for a text: messages by a part of their number or reference, and all else that has a name.
import { take } from '../api/client'
import { router } from '../app/router'
import { t } from '../i18n/i18n'
import type { IconName } from '../parts/Icon'
import { pathOfId } from '../parts/IdLink'
import type { Finder, Finding } from './finders'

const LEAST = 2
const ICONS: Partial<Record<string, IconName>> = { message: 'messages', key: 'key', webhook: 'webhook', carrier: 'tower', route: 'route', user: 'person', account: 'building' }
const isNumber = (text: string): boolean => /^\+?[0-9][0-9 ()-]{2,}$/.test(text)

/** What has no page in the console is left out, and so is what an id finds by itself. */
export const findByApi: Finder = async (text, { api }, signal) => {
  if (text.length < LEAST) return []
  const { data } = await take(api.GET('/v1/search', { params: { query: { q: text } }, signal }))
  const found: Finding[] = []
  if (isNumber(text)) {
    const number = text.replace(/[\s()-]/g, '')
    found.push({ key: 'number', label: t('shell.messagesWith', { number }), kind: t('shell.messages'), icon: 'filter', go: () => void router.navigate({ to: '/messages', search: { number } }) })
  }
  for (const { kind, data: hits } of data) {
    for (const hit of hits) {
      const path = pathOfId(hit.id, router.routesByPath)
      if (path === null || hit.id === text || hit.account_id !== null) continue
      const label = hit.detail === null ? hit.title : `${hit.title} · ${hit.detail}`
      found.push({ key: hit.id, label, kind: kind === 'message' ? t('shell.messages') : t('shell.open'), icon: ICONS[kind] ?? 'right', go: path })
    }
  }
  return found
}
