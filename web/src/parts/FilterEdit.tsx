// The small menu of one filter: its choices, or its text; and whether it asks for these values or leaves them out.
import { Checkbox, Pill, SegmentedControl, Stack, TagsInput, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useT } from '../i18n/i18n'
import { type FilterField, labelOf } from './FilterBar'

type Props = {
  field: FilterField
  values: readonly string[]
  onChange: (values: readonly string[]) => void
  /** Makes its negation of it, or the filter of its negation; without it that cannot be. */
  onTurn: (() => void) | undefined
  onDone: () => void
}

export function FilterEdit({ onTurn, ...props }: Props): ReactNode {
  const t = useT()
  const { field } = props
  return (
    <Stack gap="sm">
      {onTurn !== undefined && (
        <SegmentedControl
          aria-label={t('parts.filterHow')}
          size="xs"
          data={[
            { value: 'is', label: t('parts.filterIs') },
            { value: 'not', label: t('parts.filterIsNot') },
          ]}
          value={field.negates === undefined ? 'is' : 'not'}
          onChange={onTurn}
        />
      )}
      {field.kind === 'choice' ? <Choices {...props} field={field} /> : field.many === true ? <Texts {...props} field={field} /> : <OneText {...props} field={field} />}
    </Stack>
  )
}

type Of<K extends FilterField['kind']> = Omit<Props, 'onTurn' | 'field'> & { field: Extract<FilterField, { kind: K }> }

function Choices({ field, values, onChange }: Of<'choice'>): ReactNode {
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

/** Whether a text can be a value of a filter. */
const canBe = ({ reads }: Of<'text'>['field'], value: string): boolean => reads === undefined || reads(value) !== undefined

function Texts({ field, values, onChange }: Of<'text'>): ReactNode {
  const t = useT()
  const [wrong, setWrong] = useState(false)
  return (
    <TagsInput
      label={field.label}
      description={t('parts.filterMore')}
      value={[...values]}
      splitChars={[]}
      isDuplicate={(value, before) => before.includes(value)}
      renderPill={({ value = '', onRemove }) => (
        <Pill withRemoveButton onRemove={onRemove}>
          <bdi dir="auto">{labelOf(field, value)}</bdi>
        </Pill>
      )}
      dir="auto"
      data-autofocus
      acceptValueOnBlur={false}
      error={wrong ? t('parts.filterWrong') : undefined}
      clearButtonProps={{ 'aria-label': t('parts.dropFilter', { name: field.label }) }}
      onChange={(to) => {
        const good = to.filter((value) => canBe(field, value))
        setWrong(good.length < to.length)
        if (good.length === to.length) onChange(good)
      }}
    />
  )
}

function OneText({ field, values, onChange, onDone }: Of<'text'>): ReactNode {
  const t = useT()
  const [typed, setTyped] = useState(values[0] ?? '')
  const [wrong, setWrong] = useState(false)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const value = typed.trim()
        if (value !== '' && !canBe(field, value)) return setWrong(true)
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
