// The state of a version, and which version of a template is sent.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import type { IconName } from '../parts/Icon'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import type { State, Template } from './template'
import { STATES } from './search'

const TONES: Record<State, Tone> = { draft: 'quiet', submitted: 'info', approved: 'good', retired: 'warn' }
const ICONS: Partial<Record<State, IconName>> = { draft: 'edit', retired: 'stop' }

/** A draft that was rejected says so: it looks like one that nobody has judged. */
export function TemplateState({ state, rejected = false }: { state: string; rejected?: boolean }): ReactNode {
  const t = useT()
  if (rejected && state === 'draft') return <StatusBadge tone="bad">{t('templates.state.rejected')}</StatusBadge>
  const known = STATES.find((each) => each === state)
  if (known === undefined) return <StatusBadge tone="quiet">{state}</StatusBadge>
  return (
    <StatusBadge tone={TONES[known]} icon={ICONS[known]}>
      {t(`templates.state.${known}`)}
    </StatusBadge>
  )
}

/** Which version is sent now, in words. */
export function Sent({ template }: { template: Template }): ReactNode {
  const t = useT()
  if (template.approved === null) return t('templates.noneSent')
  if (template.approved === template.number) return t('templates.thisSent', { number: template.number })
  return t('templates.otherSent', { number: template.approved })
}
