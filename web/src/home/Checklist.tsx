// The first steps as a list. It goes away once all are done, or when one sends it away. Whoever has not sent a message
// begins with it: the page then shows it above figures that are all nought.
import { Button, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { preferences, usePreference } from '../app/preferences'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { Page } from './Page'
import { type Step, useSteps } from './steps'

/** Where the list stands: first for who begins, last for others. `null` until that is known. */
export function usePlace(): 'first' | 'last' | null {
  const wanted = usePreference('firstSteps', 'shown') === 'shown'
  const { data, isLoading, isFetched } = useSteps(wanted)
  // What could not be read is read again when the list is shown: to wait for that would take the list away, again and again.
  if (isLoading && !isFetched) return null
  return data?.some(({ step, done }) => step === 'tried' && !done) === true && data.every(({ step, done }) => step !== 'live' || !done) ? 'first' : 'last'
}

export function Checklist(): ReactNode {
  const t = useT()
  const format = useFormat()
  const wanted = usePreference('firstSteps', 'shown') === 'shown'
  const { data } = useSteps(wanted)
  if (!wanted || data === undefined || data.every((each) => each.done)) return null
  const done = data.filter((each) => each.done).length
  const next = data.find((each) => !each.done)?.step
  return (
    <section className="o-steps" aria-labelledby="steps">
      <div className="o-steps-head">
        <h2 id="steps">{t('home.steps')}</h2>
        <Text c="dimmed" size="sm">
          {t('home.stepsDone', { done: format.number(done), all: format.number(data.length) })}
        </Text>
        <Button variant="subtle" size="compact-sm" onClick={() => preferences.set('firstSteps', 'hidden')}>
          {t('home.stepsHide')}
        </Button>
      </div>
      <ol>
        {data.map((each) => (
          <li key={each.step} data-done={each.done} aria-current={each.step === next ? 'step' : undefined}>
            <Icon name={each.done ? 'check' : 'circle'} />
            <span>
              {each.done ? <span>{t(`home.step.${each.step}`)}</span> : <Way step={each.step} />}
              <span className="o-visually-hidden"> {each.done ? t('home.stepDone') : ''}</span>
              {!each.done && <Text size="sm" c="dimmed">{t(`home.stepAbout.${each.step}`)}</Text>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** Where a step is done. What has no page here yet is a text. */
function Way({ step }: { step: Step }): ReactNode {
  const t = useT()
  const text = t(`home.step.${step}`)
  if (step === 'tried') {
    return (
      <TextLink to="/send" search={{ mode: 'test', to: '+15000160001', from: 'Acme', text: t('home.firstText') }}>
        {text}
      </TextLink>
    )
  }
  if (step === 'key') {
    return (
      <TextLink to="/keys" search={({ account }) => ({ account, mode: undefined, make: 'true' as const })}>
        {text}
      </TextLink>
    )
  }
  if (step === 'live') {
    return (
      <TextLink to="/send" search={(before) => ({ ...before, mode: undefined })}>
        {text}
      </TextLink>
    )
  }
  return <Page path={step === 'webhook' ? '/webhooks' : step === 'carrier' ? '/carriers/new' : '/users'}>{text}</Page>
}
