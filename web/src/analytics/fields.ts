// The fields of the filter bar of analytics.
import { isZone } from '../app/preferences'
import { type Me, useMe } from '../app/session'
import { moment } from '../app/search'
import { useT } from '../i18n/i18n'
import { CLASSES } from '../messages/shape'
import type { FilterField } from '../parts/FilterBar'
import { shape, SPANS } from './search'

/** Costs are shown in the operator's account alone. */
export const seesCosts = ({ operator, mode, scopes }: Me): boolean => operator && mode === 'live' && scopes.some((scope) => scope === 'accounts' || scope === 'carriers')
/** All accounts at once are for the operator's live traffic, whose list can show them, too. */
export const seesEveryAccount = ({ operator, mode, scopes }: Me): boolean => operator && mode === 'live' && scopes.includes('accounts')

const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\d/.test(text)

export function useFields(): FilterField[] {
  const t = useT()
  const me = useMe()
  return [
    { name: 'last', label: t('analytics.f.last'), kind: 'choice', options: SPANS.map((value) => ({ value, label: t(`analytics.last.${value}`) })) },
    { name: 'step', label: t('analytics.f.step'), kind: 'choice', options: (['hour', 'day', 'month'] as const).map((value) => ({ value, label: t(`analytics.step.${value}`) })) },
    ...(seesEveryAccount(me) ? [{ name: 'accounts', label: t('analytics.f.accounts'), kind: 'choice', options: [{ value: 'all', label: t('analytics.everyAccount') }] } as const] : []),
    { name: 'class', label: t('analytics.f.class'), kind: 'choice', options: CLASSES.map((value) => ({ value, label: t(`messages.class.${value}`) })) },
    { name: 'country', label: t('analytics.f.country'), kind: 'text', accepts: (text) => /^[A-Za-z]{2}$/.test(text), reads: shape.country },
    { name: 'network', label: t('analytics.f.network'), kind: 'text', accepts: (text) => /^\d{5,6}$/.test(text) },
    { name: 'sender', label: t('analytics.f.sender'), kind: 'text' },
    ...(seesCosts(me) ? [{ name: 'carrier', label: t('analytics.f.carrier'), kind: 'text' } as const] : []),
    { name: 'start', label: t('analytics.f.start'), kind: 'text', accepts: isTime, reads: moment },
    { name: 'end', label: t('analytics.f.end'), kind: 'text', accepts: isTime, reads: moment },
    { name: 'zone', label: t('analytics.f.zone'), kind: 'text', accepts: (text) => text.includes('/') && isZone(text), reads: shape.zone },
  ]
}
