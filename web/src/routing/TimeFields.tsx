// Windows of time in which a route takes messages.
import { ActionIcon, Button, Fieldset, Group, MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { weekdayName, zones } from '../parts/calendar'
import { shownZone } from '../parts/format'
import { Icon } from '../parts/Icon'
import { WEEKDAYS, type Window } from './route'

type Props = { value: Window[]; onChange: (value: Window[]) => void; error: ReactNode }

const ZONES = zones()

export function TimeFields({ value, onChange, error }: Props): ReactNode {
  const t = useT()
  const change = (at: number, changes: Partial<Window>): void => onChange(value.map((each, place) => (place === at ? { ...each, ...changes } : each)))
  return (
    <Fieldset legend={t('routing.filter.times')}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">{t('routing.timesAbout')}</Text>
        {value.map((window, at) => (
          <Group key={at} align="flex-end" gap="xs">
            {(['from', 'to'] as const).map((side) => (
              <TextInput
                key={side}
                label={t(`routing.${side}Time`)}
                w="5.5rem"
                dir="ltr"
                inputMode="numeric"
                placeholder={side === 'from' ? '00:00' : '24:00'}
                value={window[side] ?? ''}
                onChange={({ currentTarget: { value: to } }) => change(at, { [side]: to === '' ? undefined : to })}
              />
            ))}
            <MultiSelect
              label={t('routing.weekdays')}
              className="o-weekdays"
              data={WEEKDAYS.map((day, place) => ({ value: day, label: weekdayName(place) }))}
              placeholder={(window.weekdays ?? []).length === 0 ? t('routing.everyDay') : undefined}
              value={window.weekdays ?? []}
              onChange={(days) => change(at, { weekdays: WEEKDAYS.filter((day) => days.includes(day)) })}
            />
            <Select label={t('routing.zone')} data={ZONES} value={window.zone ?? 'UTC'} searchable allowDeselect={false} w="12rem" dir="ltr" onChange={(zone) => change(at, { zone: zone ?? undefined })} />
            <ActionIcon variant="default" size="lg" aria-label={t('routing.dropWindow', { place: at + 1 })} onClick={() => onChange(value.filter((_, place) => place !== at))}>
              <Icon name="cross" size={16} />
            </ActionIcon>
          </Group>
        ))}
        <div>
          <Button variant="subtle" size="xs" leftSection={<Icon name="plus" size={16} />} onClick={() => onChange([...value, { from: '08:00', to: '20:00', zone: shownZone() }])}>
            {t('routing.addWindow')}
          </Button>
        </div>
        {error !== null && <Text c="var(--mantine-color-error)" size="sm" role="alert">{error}</Text>}
      </Stack>
    </Fieldset>
  )
}
