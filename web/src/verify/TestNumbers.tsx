// Numbers with a fixed code, for tests of an application: nothing is sent to them.
import { ActionIcon, Button, Fieldset, Group, Text, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import type { Values } from './profile'

type Numbers = Values['test_numbers']
type Props = { value: Numbers; onChange: (value: Numbers) => void; error: ReactNode }

export function TestNumbers({ value, onChange, error }: Props): ReactNode {
  const t = useT()
  const put = (place: number, change: Partial<Numbers[number]>): void => onChange(value.map((one, at) => (at === place ? { ...one, ...change } : one)))
  return (
    <Fieldset legend={t('verify.testNumbers')} data-field="test_numbers">
      <Text size="sm" c="dimmed">{t('verify.testNumbersAbout')}</Text>
      {value.map((one, place) => (
        <Group key={place} align="flex-end" mt="xs" gap="xs">
          <TextInput label={t('verify.to')} value={one.number} dir="ltr" autoComplete="off" flex="1 1 10rem" onChange={(event) => put(place, { number: event.currentTarget.value })} />
          <TextInput label={t('verify.code')} value={one.code} dir="ltr" autoComplete="off" maw="8rem" onChange={(event) => put(place, { code: event.currentTarget.value })} />
          <ActionIcon variant="default" size="input-sm" aria-label={t('verify.dropNumber', { number: one.number })} onClick={() => onChange(value.filter((_, at) => at !== place))}>
            <Icon name="trash" size={16} />
          </ActionIcon>
        </Group>
      ))}
      {error !== null && <Text size="sm" c="var(--mantine-color-error)" role="alert">{error}</Text>}
      <Button mt="xs" size="xs" variant="default" leftSection={<Icon name="plus" size={14} />} disabled={value.length >= 20} onClick={() => onChange([...value, { number: '', code: '' }])}>
        {t('verify.addNumber')}
      </Button>
    </Fieldset>
  )
}
