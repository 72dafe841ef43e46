// What a check of a carrier found, step by step; what is wrong leads to the setting that mends it.
import { Button, Group, Loader, Text } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Icon, type IconName } from '../parts/Icon'
import { type Schema, titleOf } from '../parts/schema'
import type { Tone } from '../parts/StatusBadge'
import { ServerWords } from '../parts/Values'
import { settingsIn } from './form'
import { useSay } from './names'

export type Check = components['schemas']['CarrierCheck']
type Finding = Check['findings'][number]
type Level = 'ok' | 'note' | 'warning' | 'error'

const LOOKS: Record<Level, { tone: Tone; icon: IconName }> = {
  ok: { tone: 'good', icon: 'check' },
  note: { tone: 'info', icon: 'info' },
  warning: { tone: 'warn', icon: 'alert' },
  error: { tone: 'bad', icon: 'cross' },
}

const levelOf = ({ level }: Finding): Level => (level in LOOKS ? (level as Level) : 'note')

/** The findings of a step stand together, in the order of the check. */
export function stepsOf(findings: readonly Finding[]): { step: Finding['step']; findings: Finding[] }[] {
  const steps: { step: Finding['step']; findings: Finding[] }[] = []
  for (const finding of findings) {
    const found = steps.find(({ step }) => step === finding.step)
    if (found === undefined) steps.push({ step: finding.step, findings: [finding] })
    else found.findings.push(finding)
  }
  return steps
}

type Props = {
  check: Check | null
  /** The settings have changed since. */
  stale: boolean
  busy: boolean
  schema: Schema
  onMend: (setting: string) => void
  onCheck: () => void
}

export function CheckPanel({ check, stale, busy, schema, onMend, onCheck }: Props): ReactNode {
  const t = useT()
  const head = useRef<HTMLParagraphElement>(null)
  // A check that found something wrong is what the person needs to read next.
  useEffect(() => {
    if (check?.ok === false) head.current?.focus()
  }, [check])
  return (
    <aside className="o-connection" aria-labelledby="check">
      <Group justify="space-between" gap="xs" mb="xs">
        <h2 id="check">{t('carriers.check')}</h2>
        <Act calls="POST /v1/carriers/check" size="xs" variant="default" loading={busy} onClick={onCheck}>
          {t('carriers.checkDo')}
        </Act>
      </Group>
      <div aria-live="polite">
        {busy ? (
          <Group gap="xs">
            <Loader size="xs" /> <Text size="sm">{t('carriers.checking')}</Text>
          </Group>
        ) : check === null ? (
          <Text size="sm" c="dimmed">{t('carriers.checkAbout')}</Text>
        ) : (
          <>
            <p ref={head} tabIndex={-1} className="o-check-verdict" data-tone={stale ? 'quiet' : check.ok ? 'good' : 'bad'}>
              <Icon name={stale ? 'clock' : check.ok ? 'check' : 'cross'} size={16} /> {stale ? t('carriers.checkStale') : check.ok ? t('carriers.checkOk') : t('carriers.checkFailed')}
            </p>
            <ol className="o-check-steps">
              {stepsOf(check.findings).map(({ step, findings }, place) => (
                <li key={step ?? place}>
                  {step !== null && <span className="o-check-step">{t(`carriers.step.${step}`)}</span>}
                  {findings.map((finding) => (
                    <Line key={finding.what} finding={finding} schema={schema} onMend={onMend} />
                  ))}
                </li>
              ))}
            </ol>
          </>
        )}
      </div>
    </aside>
  )
}

function Line({ finding, schema, onMend }: { finding: Finding; schema: Schema; onMend: (setting: string) => void }): ReactNode {
  const t = useT()
  const say = useSay()
  const level = levelOf(finding)
  const named = level === 'error' || level === 'warning' ? settingsIn(finding.what, schema) : []
  return (
    <div className="o-check-line" data-tone={LOOKS[level].tone}>
      <Icon name={LOOKS[level].icon} size={14} />
      <span>
        <span className="o-visually-hidden">{t(`carriers.level.${level}`)}: </span>
        <ServerWords>{finding.what}</ServerWords>
        {named.length > 0 && (
          <Group gap={6} mt={4}>
            {named.map((name) => (
              <Button key={name} size="compact-xs" variant="default" leftSection={<Icon name="edit" size={12} />} onClick={() => onMend(name)}>
                {say(titleOf(name, schema))}
              </Button>
            ))}
          </Group>
        )}
      </span>
    </div>
  )
}
