// The limits of an account, a key or an SMPP credential: their fields in a form, and a dialog that changes them alone.
// An empty field is no limit, which the API calls null.
import { Button, Group, NumberInput, SimpleGrid, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Dialog } from './Dialog'
import { FormErrors } from './FormErrors'
import { notify } from './Notices'
import './parts.css'
import { type FieldProps, useForm } from './useForm'
import { Count } from './Values'

export type LimitName =
  | 'requests_per_second'
  | 'segments_per_second'
  | 'messages_per_day'
  | 'messages_per_month'
  | 'waiting_messages'
  | 'scheduled_messages'
  | 'storage_bytes'
export type LimitValues<N extends LimitName = LimitName> = Record<N, number | ''>
type Limits<N extends LimitName> = Partial<Record<N, number | null>>

/** Limits as values of a form. */
export function limitValues<N extends LimitName>(names: readonly N[], limits: Limits<N> = {}): LimitValues<N> {
  return Object.fromEntries(names.map((name) => [name, limits[name] ?? ''])) as LimitValues<N>
}

/** The values of a form as limits. */
export function limitsOf<N extends LimitName>(names: readonly N[], values: LimitValues<N>): Record<N, number | null> {
  return Object.fromEntries(names.map((name) => [name, values[name] === '' ? null : values[name]])) as Record<N, number | null>
}

/** Only those that are set: in what is made anew, the others need no word. */
export function givenLimits<N extends LimitName>(names: readonly N[], values: LimitValues<N>): Partial<Record<N, number>> {
  return Object.fromEntries(names.filter((name) => values[name] !== '').map((name) => [name, values[name]])) as Partial<Record<N, number>>
}

/** What a refusal calls the fields: `limits.messages_per_day`. */
export function limitParams<N extends LimitName>(names: readonly N[], at: string): Record<string, N> {
  return Object.fromEntries(names.map((name) => [`${at}.${name}`, name]))
}

type FieldsProps<N extends LimitName> = {
  names: readonly N[]
  form: { field: (name: N) => FieldProps<number | ''>; at: string | null }
  about?: string
  /** They are seldom needed in this form: only their heading is shown at first. */
  folded?: boolean
}

export function LimitFields<N extends LimitName>({ names, form, about, folded = false }: FieldsProps<N>): ReactNode {
  const t = useT()
  const fields = (
    <>
      {about !== undefined && (
        <Text c="dimmed" size="sm" mb="xs">
          {about}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {names.map((name) => (
          <NumberInput key={name} {...form.field(name)} label={t(`parts.limit.${name}`)} placeholder={t('parts.noLimit')} min={0} allowDecimal={false} clampBehavior="none" hideControls />
        ))}
      </SimpleGrid>
    </>
  )
  if (!folded)
    return (
      <fieldset className="o-limits">
        <legend>{t('parts.limits')}</legend>
        {fields}
      </fieldset>
    )
  const refused = names.some((name) => name === form.at)
  return (
    <details className="o-limits" open={refused || undefined}>
      <summary>{t('parts.limits')}</summary>
      {fields}
    </details>
  )
}

type FactsProps<N extends LimitName> = { names: readonly N[]; limits: Limits<N>; t: ReturnType<typeof useT> }

/** The limits that are set, for `Facts`; or that there are none. */
export function limitFacts<N extends LimitName>({ names, limits, t }: FactsProps<N>): [string, ReactNode][] {
  const set = names.filter((name) => typeof limits[name] === 'number')
  if (set.length === 0) return [[t('parts.limits'), t('parts.noLimit')]]
  return set.map((name) => [t(`parts.limit.${name}`), <Count key={name} value={limits[name] as number} />])
}

type DialogProps<N extends LimitName> = {
  name: string
  names: readonly N[]
  limits: Limits<N>
  /** What the request calls their object: `limits`. */
  at: string
  save: (limits: Record<N, number | null>) => Promise<unknown>
  onClose: () => void
}

export function LimitsDialog<N extends LimitName>({ name, names, limits, at, save, onClose }: DialogProps<N>): ReactNode {
  const t = useT()
  const form = useForm<LimitValues<N>>({
    initial: limitValues(names, limits),
    names: limitParams(names, at),
    send: async (values) => {
      await save(limitsOf(names, values))
      onClose()
      notify(t('parts.limitsChanged', { name }))
    },
  })
  return (
    <Dialog onClose={onClose} title={t('parts.limitsOf', { name })} size="lg">
      <form {...form.props}>
        <Stack>
          <LimitFields names={names} form={form} about={t('parts.limitsAbout')} />
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy} disabled={!form.dirty}>
              {t('parts.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
