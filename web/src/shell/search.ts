// What the API finds for a text: messages by a part of their number or reference, and all else that has a name; and what
// can be done with it: `acme` and `pause acme` lead to the form that pauses this carrier.
import { take } from '../api/client'
import type { components } from '../api/schema'
import { OPERATIONS } from '../api/scopes'
import { router } from '../app/router'
import { readMe, refusedTo } from '../app/session'
import { t } from '../i18n/i18n'
import type { IconName } from '../parts/Icon'
import { pathOfId } from '../parts/IdLink'
import type { Finder, Finding } from './finders'

type Hit = components['schemas']['SearchHit']

const LEAST = 2
const ICONS: Partial<Record<string, IconName>> = { message: 'messages', key: 'key', webhook: 'webhook', carrier: 'tower', route: 'route', user: 'person', account: 'building' }
const isNumber = (text: string): boolean => /^\+?[0-9][0-9 ()-]{2,}$/.test(text)

/** What has no page in the console is left out. */
export const findByApi: Finder = async (text, session, signal) => {
  if (text.length < LEAST) return []
  const pauses = refusedTo(await readMe(session), OPERATIONS['POST /v1/pauses']) === null
  const named = pauses ? toPause(text) : null
  const { data } = await take(session.api.GET('/v1/search', { params: { query: { q: named ?? text } }, signal }))
  const commands = pauses ? data.flatMap(({ kind, data: hits }) => (kind === 'carrier' ? hits.map(({ title }) => pausing(title)) : [])) : []
  if (named !== null && commands.length > 0) return commands
  const found: Finding[] = []
  if (isNumber(text)) {
    const number = text.replace(/[\s()-]/g, '')
    found.push({ key: 'number', label: t('shell.messagesWith', { number }), kind: t('shell.messages'), icon: 'filter', go: () => void router.navigate({ to: '/messages', search: { number } }) })
  }
  for (const { kind, data: hits } of data) {
    for (const hit of hits) {
      const leads = leadsTo(kind, hit)
      // What is here is found by its id without the API.
      if (leads === null || (hit.id === text && hit.account_id === null)) continue
      const label = hit.detail === null ? hit.title : `${hit.title} · ${hit.detail}`
      found.push({ key: hit.id, label, ...leads })
    }
  }
  return [...found, ...commands]
}

/** The name in `pause acme`, in English and in the person's language; null in any other text. */
function toPause(text: string): string | null {
  const [, verb, name] = /^(\S+)\s+(\S.+)$/.exec(text) ?? []
  const [own] = t('shell.pauseIt', { name: '' }).trim().split(' ')
  return verb !== undefined && name !== undefined && ['pause', own?.toLowerCase()].includes(verb.toLowerCase()) ? name : null
}

const pausing = (name: string): Finding => ({
  key: `pause-${name}`, label: t('shell.pauseIt', { name }), kind: t('shell.command'), icon: 'pause',
  go: () => void router.navigate({ to: '/pauses', search: { make: 'carrier', of: name } }),
})

/** Where something that was found is shown; null if no page shows it. */
function leadsTo(kind: string, { id, account_id: account, detail, path: apiPath }: Hit): Pick<Finding, 'kind' | 'icon' | 'go'> | null {
  if (kind === 'refusal') {
    const request = new URLSearchParams(apiPath.split('?')[1]).get('request_id') ?? undefined
    return { kind: t('shell.refusals'), icon: 'stop', go: () => void router.navigate({ to: '/refusals', search: { request_id: request } }) }
  }
  if (kind === 'audit entry' && detail !== null) {
    return { kind: t('shell.audit'), icon: 'audit', go: () => void router.navigate({ to: '/audit', search: { object_id: detail } }) }
  }
  const path = pathOfId(id, router.routesByPath)
  if (path === null) return null
  // It is a customer's: one reads it there.
  if (account !== null) return { kind: t('shell.otherAccount'), icon: 'building', go: () => void router.navigate({ to: path as '/', search: { account } }) }
  return { kind: kind === 'message' ? t('shell.messages') : t('shell.open'), icon: ICONS[kind] ?? 'right', go: path }
}
