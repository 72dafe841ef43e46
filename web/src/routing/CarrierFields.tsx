// The carriers of a route in steps: those of one step share the messages by weight, and the next step takes what they
// cannot.
import { ActionIcon, Autocomplete, Button, Fieldset, Group, NumberInput, Stack, Text, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { Unread } from '../parts/States'
import { useList } from '../parts/useList'
import { type Part, part } from './draft'
import { moved } from './order'

type Props = { value: Part[][]; onChange: (value: Part[][]) => void; error: ReactNode }

export function CarrierFields({ value, onChange, error }: Props): ReactNode {
  const t = useT()
  const carriers = useList('/v1/carriers', { limit: 200 }, { enabled: useMay('GET /v1/carriers') })
  const used = new Set(value.flat().map(({ carrier }) => carrier))
  const names = carriers.rows.map(({ name }) => name)
  const change = (at: number, step: Part[]): void => onChange(value.flatMap((each, place) => (place !== at ? [each] : step.length === 0 ? [] : [step])))
  return (
    <div data-field="carriers">
      <Stack gap="sm">
        {carriers.error !== null && <Unread error={carriers.error} onAgain={() => void carriers.refetch()} />}
        {value.map((step, at) => (
          <Step
            // A step has no name of its own; its place is what it is.
            key={at}
            step={step}
            at={at}
            last={value.length - 1}
            names={names.filter((name) => !used.has(name))}
            onChange={(to) => change(at, to)}
            onMove={(to) => onChange(moved(value, at, to))}
          />
        ))}
        <div>
          <Button variant="default" size="xs" leftSection={<Icon name="plus" size={16} />} onClick={() => onChange([...value, [part()]])}>
            {t('routing.addStep')}
          </Button>
        </div>
        {error !== null && <Text c="var(--mantine-color-error)" size="sm" role="alert">{error}</Text>}
      </Stack>
    </div>
  )
}

type StepProps = { step: Part[]; at: number; last: number; names: string[]; onChange: (step: Part[]) => void; onMove: (to: number) => void }

function Step({ step, at, last, names, onChange, onMove }: StepProps): ReactNode {
  const t = useT()
  const format = useFormat()
  const all = step.reduce((sum, { weight }) => sum + (weight === '' ? 1 : weight), 0)
  const change = (place: number, changes: Partial<Part>): void => onChange(step.map((each, index) => (index === place ? { ...each, ...changes } : each)))
  const title = at === 0 ? t('routing.firstStep') : t('routing.laterStep', { place: at + 1 })
  return (
    <Fieldset legend={title} className="o-step">
      <Stack gap="xs">
        {step.map((one, place) => {
          const share = (one.weight === '' ? 1 : one.weight) / Math.max(all, 1)
          const name = one.carrier === '' ? String(place + 1) : one.carrier
          return (
            <div key={place} className="o-step-carrier">
              <Group align="flex-end" gap="xs" wrap="wrap">
                <Autocomplete
                  label={t('routing.carrier')}
                  className="o-step-name"
                  data={[...new Set([...(one.carrier === '' ? [] : [one.carrier]), ...names])]}
                  value={one.carrier}
                  onChange={(carrier) => change(place, { carrier })}
                  dir="auto"
                />
                {step.length > 1 && (
                  <NumberInput
                    label={t('routing.weight')}
                    className="o-step-weight"
                    value={one.weight}
                    min={1}
                    max={10_000}
                    allowDecimal={false}
                    clampBehavior="none"
                    hideControls
                    onChange={(to) => change(place, { weight: to === '' ? '' : Number(to) })}
                  />
                )}
                <TextInput label={t('routing.sender')} className="o-step-sender" placeholder={t('routing.ownSender')} value={one.sender} maxLength={64} dir="ltr" onChange={(event) => change(place, { sender: event.currentTarget.value })} />
                <ActionIcon variant="default" size="lg" aria-label={t('routing.dropCarrier', { name })} onClick={() => onChange(step.filter((_, index) => index !== place))}>
                  <Icon name="cross" size={16} />
                </ActionIcon>
              </Group>
              {step.length > 1 && (
                <span className="o-step-share">
                  <span className="o-share" aria-hidden="true" style={{ inlineSize: `${share * 100}%` }} />
                  <bdi dir="ltr">{format.percent(share)}</bdi>
                </span>
              )}
            </div>
          )
        })}
        <Group gap="xs">
          <Button variant="subtle" size="xs" leftSection={<Icon name="plus" size={16} />} onClick={() => onChange([...step, part()])}>{t('routing.addShare')}</Button>
          {at > 0 && <Button variant="subtle" size="xs" leftSection={<Icon name="up" size={16} />} onClick={() => onMove(at - 1)}>{t('routing.stepUp')}</Button>}
          {at < last && <Button variant="subtle" size="xs" leftSection={<Icon name="down" size={16} />} onClick={() => onMove(at + 1)}>{t('routing.stepDown')}</Button>}
        </Group>
      </Stack>
    </Fieldset>
  )
}
