// Whether all went as expected: the verdict, and each thing that was expected beside what was found.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useErrorText } from '../messages/errors'
import { useFormat } from '../parts/format'
import { Icon, type IconName } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Ident, ServerWords, Words } from '../parts/Values'
import type { Check, CheckState } from './judge'
import type { RunState } from './play'

const TONES: Record<RunState, Tone> = { playing: 'info', passed: 'good', failed: 'bad', stopped: 'quiet' }

export function Verdict({ state }: { state: RunState }): ReactNode {
  const t = useT()
  return (
    <span role="status">
      <StatusBadge tone={TONES[state]}>{t(`sandbox.run.${state}`)}</StatusBadge>
    </span>
  )
}

const ICONS: Record<CheckState, IconName> = { passed: 'check', failed: 'cross', waiting: 'clock', none: 'circle' }
const CHECK_TONES: Record<CheckState, Tone> = { passed: 'good', failed: 'bad', waiting: 'info', none: 'quiet' }

export function Checks({ checks }: { checks: readonly Check[] }): ReactNode {
  const t = useT()
  if (checks.length === 0) return null
  return (
    <ul className="o-sandbox-checks" aria-label={t('sandbox.expected')}>
      {checks.map((check, place) => (
        <li key={place} data-tone={CHECK_TONES[check.state]}>
          <Icon name={ICONS[check.state]} size={16} />
          <span>
            <span className="o-visually-hidden">{t(`sandbox.check.${check.state}`)}: </span>
            <Line check={check} />
          </span>
        </li>
      ))}
    </ul>
  )
}

/** One check in a sentence: what was expected and, where that differs, what was found. */
function Line({ check }: { check: Check }): ReactNode {
  const t = useT()
  const format = useFormat()
  const errorText = useErrorText()
  switch (check.of) {
    case 'status':
      return <Wanted of={t('sandbox.of.status')} wanted={t(`messages.status.${check.wanted}`)} found={check.state === 'passed' || check.found === null ? null : t(`messages.status.${check.found}`)} />
    case 'error': {
      const words = (code: string): ReactNode => <>{errorText({ code, title: code })} <Ident>{code}</Ident></>
      return <Wanted of={t('sandbox.of.error')} wanted={words(check.wanted)} found={check.state === 'passed' || check.found === null ? null : words(check.found)} />
    }
    case 'outcomes': {
      const words = (outcomes: readonly (typeof check.wanted)[number][]): string => format.list(outcomes.map((outcome) => t(`messages.h.outcome.${outcome}`)))
      return <Wanted of={t('sandbox.of.outcomes')} wanted={words(check.wanted)} found={check.state === 'passed' || check.found.length === 0 ? null : words(check.found)} />
    }
    case 'waits':
      return <Wanted of={t('sandbox.of.waits')} wanted={t('sandbox.atLeast', { time: format.duration(check.wanted * 1000) })} found={check.found === null ? null : format.duration(check.found * 1000)} />
    case 'corrected':
      return t('sandbox.of.corrected')
    case 'elsewhere':
      return (
        <>
          {t('sandbox.of.elsewhere', { down: check.down })}
          {check.found !== null && <>: <strong><Words>{check.found}</Words></strong></>}
        </>
      )
    case 'answer':
      return <Wanted of={t('sandbox.of.answer')} wanted={<Words>{check.wanted}</Words>} found={check.state === 'passed' || check.found === null ? null : <Words>{check.found}</Words>} />
    case 'webhooks':
      return <Heard check={check} />
  }
}

function Wanted({ of, wanted, found }: { of: string; wanted: ReactNode; found: ReactNode }): ReactNode {
  const t = useT()
  return (
    <>
      {of}: <strong>{wanted}</strong>
      {found !== null && <> · {t('sandbox.found')} {found}</>}
    </>
  )
}

function Heard({ check }: { check: Extract<Check, { of: 'webhooks' }> }): ReactNode {
  const t = useT()
  if (check.state === 'none') {
    return (
      <>
        {t('sandbox.of.nobody')} <TextLink to="/webhooks" search={(before) => ({ ...before, make: 'true' as const })}>{t('sandbox.makeWebhook')}</TextLink>
      </>
    )
  }
  return (
    <>
      {t('sandbox.of.webhooks', { taken: check.taken, total: check.total })}
      {check.problem !== null && <> · <ServerWords>{check.problem}</ServerWords></>}
    </>
  )
}
