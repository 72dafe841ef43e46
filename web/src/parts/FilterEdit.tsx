// The small menu of one filter: its choices, or its text.
import { Checkbox, Stack, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useT } from '../i18n/i18n'
import type { FilterField } from './FilterBar'

type Props = { field: FilterField; values: readonly string[]; onChange: (values: readonly string[]) => void; onDone: () => void }

export function FilterEdit({ field, values, onChange, onDone }: Props): ReactNode {
  const t = useT()
  const [typed, setTyped] = useState(values[0] ?? '')
  const [wrong, setWrong] = useState(false)
  if (field.kind === 'choice') {
    return (
      <Stack gap={6} mah={320} style={{ overflowY: 'auto' }} role="group" aria-label={field.label}>
        {field.options.map((option) => (
          <Checkbox
            key={option.value}
            size="sm"
            label={option.label}
            checked={values.includes(option.value)}
            onChange={(event) => {
              const others = field.many === true ? values.filter((value) => value !== option.value) : []
              onChange(event.currentTarget.checked ? [...others, option.value] : others)
            }}
          />
        ))}
      </Stack>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const value = typed.trim()
        if (value !== '' && field.reads !== undefined && field.reads(value) === undefined) return setWrong(true)
        onDone()
        onChange(value === '' ? [] : [value])
      }}
    >
      <TextInput
        label={field.label}
        value={typed}
        dir="auto"
        data-autofocus
        error={wrong ? t('parts.filterWrong') : undefined}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          setWrong(false)
        }}
      />
    </form>
  )
}
