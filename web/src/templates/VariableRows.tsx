// The variables of a template: a group of fields for each, with what its type asks for.
import { ActionIcon, Button, Checkbox, Group, NativeSelect, NumberInput, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Refusal } from '../api/problem'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { ServerWords } from '../parts/Values'
import { TYPES } from './template'
import { newRow, type Row } from './variables'

type Props = {
  rows: Row[]
  onChange: (rows: Row[]) => void
  /** The field of the form that was refused, and why. */
  at: string | null
  refusal: Refusal | null
  readOnly: boolean
}

const MOST = 20
const HAS_LENGTH: readonly string[] = ['string', 'number', 'money', 'code', 'url', 'phone']

export function VariableRows({ rows, onChange, at, refusal, readOnly }: Props): ReactNode {
  const t = useT()
  const edit = (place: number, change: Partial<Row>): void => onChange(rows.map((row, each) => (each === place ? { ...row, ...change } : row)))
  return (
    <section aria-labelledby="template-variables">
      <h2 id="template-variables" className="o-section">
        {t('templates.variables')}
      </h2>
      <Text c="dimmed" size="sm" mb="sm">
        {t('templates.variablesAbout')}
      </Text>
      <Stack gap="sm">
        {rows.map((row, place) => (
          // A name is typed here: the place is what stays.
          <VariableRow key={place} row={row} onChange={(change) => edit(place, change)} onDrop={() => onChange(rows.filter((_, each) => each !== place))} refusal={refusal !== null && at === `variables.${row.name}` ? refusal : null} readOnly={readOnly} />
        ))}
        {!readOnly && (
          <Group>
            <Button variant="default" size="compact-sm" disabled={rows.length >= MOST} leftSection={<Icon name="plus" size={14} />} onClick={() => onChange([...rows, newRow('')])}>
              {t('templates.addVariable')}
            </Button>
          </Group>
        )}
      </Stack>
    </section>
  )
}

type RowProps = { row: Row; onChange: (change: Partial<Row>) => void; onDrop: () => void; refusal: Refusal | null; readOnly: boolean }

function VariableRow({ row, onChange, onDrop, refusal, readOnly }: RowProps): ReactNode {
  const t = useT()
  const field = /^variables\.\w+\.(\w+)/.exec(refusal?.param ?? '')?.[1] ?? (refusal === null ? null : 'name')
  const errorAt = (name: string): ReactNode => (refusal !== null && field === name ? <ServerWords>{refusal.problem.detail}</ServerWords> : null)
  const text = (name: 'name' | 'example' | 'default' | 'hosts', label: string, placeholder?: string): ReactNode => (
    <TextInput
      label={label}
      value={row[name]}
      placeholder={placeholder}
      error={errorAt(name)}
      data-field={refusal !== null && field === name ? `variables.${row.name}` : undefined}
      readOnly={readOnly}
      dir={name === 'example' || name === 'default' ? 'auto' : 'ltr'}
      autoComplete="off"
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <fieldset className="o-limits o-variable">
      <legend>
        <bdi dir="ltr">{row.name === '' ? t('templates.newVariable') : row.name}</bdi>
      </legend>
      <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }} spacing="xs">
        {text('name', t('templates.variable'))}
        <NativeSelect label={t('templates.type')} value={row.type} disabled={readOnly} error={errorAt('type')} data={TYPES.map((value) => ({ value, label: t(`templates.type.${value}`) }))} onChange={(event) => onChange({ type: TYPES.find((each) => each === event.currentTarget.value) ?? row.type })} />
        {text('example', t('templates.example'), t(`templates.like.${row.type}`))}
        {text('default', t('templates.defaultValue'), t('templates.required'))}
        {HAS_LENGTH.includes(row.type) && (
          <NumberInput label={t('templates.longestValue')} value={row.longest} error={errorAt('longest')} data-field={refusal !== null && field === 'longest' ? `variables.${row.name}` : undefined} readOnly={readOnly} min={1} max={500} allowDecimal={false} clampBehavior="none" hideControls onChange={(longest) => onChange({ longest: typeof longest === 'number' ? longest : '' })} />
        )}
        {row.type === 'url' && text('hosts', t('templates.hosts'), 'shop.example.com')}
      </SimpleGrid>
      <Group justify="space-between" mt="xs" gap="xs">
        <Group gap="md">
          {row.type === 'string' && (
            <>
              <Checkbox size="sm" label={t('templates.multiline')} checked={row.multiline} disabled={readOnly} onChange={(event) => onChange({ multiline: event.currentTarget.checked })} />
              <Checkbox size="sm" label={t('templates.numbers')} checked={row.numbers} disabled={readOnly} onChange={(event) => onChange({ numbers: event.currentTarget.checked })} />
            </>
          )}
        </Group>
        {!readOnly && (
          <ActionIcon variant="subtle" color="gray" aria-label={t('templates.dropVariable', { name: row.name })} onClick={onDrop}>
            <Icon name="trash" size={16} />
          </ActionIcon>
        )}
      </Group>
    </fieldset>
  )
}
