// The navigation: by what people want to do. A page has its line here; who may not read what it reads does not see it.
import type { ToOptions } from '@tanstack/react-router'
import type { Operation } from '../api/scopes'
import type { router } from '../app/router'
import type { Id } from '../i18n/ids'
import type { IconName } from '../parts/Icon'

export type Group = 'watch' | 'send' | 'build' | 'network' | 'manage'
export const GROUPS: readonly Group[] = ['watch', 'send', 'build', 'network', 'manage']

export type Entry = {
  group: Group
  to: NonNullable<ToOptions<typeof router>['to']>
  label: Id
  icon: IconName
  /** What the page reads: it decides who sees the entry. */
  reads?: Operation
  /** Who may call this has a page with more, and does not need this one. */
  unless?: Operation
  /** The letter that follows `g`: `g k` goes to the keys. */
  letter?: string
}

export const ENTRIES: readonly Entry[] = [
  { group: 'watch', to: '/', label: 'shell.home', icon: 'home', letter: 'h' },
  { group: 'watch', to: '/messages', label: 'shell.messages', icon: 'messages', reads: 'GET /v1/messages', letter: 'm' },
  { group: 'watch', to: '/analytics', label: 'shell.analytics', icon: 'chart', reads: 'GET /v1/reports/messages', letter: 'f' },
  { group: 'watch', to: '/reports', label: 'shell.reports', icon: 'inbox', reads: 'GET /v1/reports/saved', letter: 'e' },
  { group: 'watch', to: '/alerts', label: 'shell.alerts', icon: 'bell', reads: 'GET /v1/alerts', letter: 'l' },
  { group: 'send', to: '/send', label: 'shell.send', icon: 'send', reads: 'POST /v1/sms/preview', letter: 's' },
  { group: 'send', to: '/verify', label: 'shell.verify', icon: 'fingerprint', reads: 'GET /v1/verifications', letter: 'v' },
  { group: 'send', to: '/batches', label: 'shell.batches', icon: 'list', reads: 'GET /v1/batches', letter: 'b' },
  { group: 'send', to: '/templates', label: 'shell.templates', icon: 'template', reads: 'GET /v1/templates', letter: 'y' },
  { group: 'build', to: '/sandbox', label: 'shell.sandbox', icon: 'flask', reads: 'GET /v1/sandbox/handsets', letter: 'x' },
  { group: 'build', to: '/keys', label: 'shell.keys', icon: 'key', reads: 'GET /v1/keys', letter: 'k' },
  { group: 'build', to: '/api', label: 'shell.api', icon: 'code', letter: 'i' },
  { group: 'build', to: '/webhooks', label: 'shell.webhooks', icon: 'webhook', reads: 'GET /v1/webhooks', letter: 'w' },
  { group: 'build', to: '/smpp', label: 'shell.smpp', icon: 'plug', reads: 'GET /v1/smpp-credentials', letter: 'p' },
  { group: 'build', to: '/refusals', label: 'shell.refusals', icon: 'stop', reads: 'GET /v1/refusals', letter: 'r' },
  { group: 'network', to: '/carriers', label: 'shell.carriers', icon: 'tower', reads: 'GET /v1/carrier-states', letter: 'c' },
  { group: 'network', to: '/routes', label: 'shell.routes', icon: 'route', reads: 'GET /v1/routes', letter: 'o' },
  { group: 'network', to: '/numbers', label: 'shell.numbers', icon: 'number', reads: 'GET /v1/numbers', letter: 'n' },
  { group: 'network', to: '/captures', label: 'shell.captures', icon: 'pulse', reads: 'GET /v1/captures' },
  { group: 'network', to: '/pauses', label: 'shell.pauses', icon: 'pause', reads: 'GET /v1/pauses', letter: 'd' },
  { group: 'network', to: '/jobs', label: 'shell.jobs', icon: 'list', reads: 'GET /v1/jobs', letter: 'j' },
  { group: 'manage', to: '/users', label: 'shell.users', icon: 'people', reads: 'GET /v1/users', letter: 'u' },
  { group: 'manage', to: '/settings', label: 'shell.doctor', icon: 'settings', reads: 'GET /v1/doctor' },
  { group: 'manage', to: '/account', label: 'shell.account', icon: 'money', reads: 'GET /v1/account', letter: 't' },
  { group: 'manage', to: '/subaccounts', label: 'shell.subaccounts', icon: 'building', reads: 'GET /v1/subaccounts', unless: 'GET /v1/accounts' },
  { group: 'manage', to: '/accounts', label: 'shell.accounts', icon: 'building', reads: 'GET /v1/accounts' },
  { group: 'manage', to: '/profile', label: 'shell.profile', icon: 'shield', reads: 'GET /v1/profiles/{account_id}' },
  { group: 'manage', to: '/audit', label: 'shell.audit', icon: 'audit', reads: 'GET /v1/audit', letter: 'a' },
]
