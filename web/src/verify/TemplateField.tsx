// The template of a profile: one of the account's for one-time codes. Who may not read templates writes its name.
import { NativeSelect, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { useList } from '../parts/useList'
import type { FieldProps } from '../parts/useForm'
import { type Template, TEMPLATES } from '../templates/template'

export function TemplateField(field: FieldProps<string>): ReactNode {
  const t = useT()
  const may = useMay('GET /v1/templates')
  const list = useList(TEMPLATES, { limit: 200 }, { enabled: may })
  const words = { label: t('verify.template'), description: t('verify.templateAbout') }
  if (!may) return <TextInput {...field} {...words} dir="ltr" autoComplete="off" maxLength={64} />
  const found = choices(list.rows, field.value)
  return (
    <NativeSelect
      {...field}
      {...words}
      data={[
        { value: '', label: t('verify.templateOwn') },
        ...found.map(({ value, label, approved }) => ({ value, label: approved ? label : t('verify.templateNotApproved', { name: label }) })),
      ]}
    />
  )
}

type Choice = { value: string; label: string; approved: boolean }

/** The templates for codes, by name. What the profile has stays a choice as it is written there: its name, its id, or one that is gone. */
export function choices(templates: readonly Pick<Template, 'id' | 'name' | 'purpose' | 'approved'>[], value: string): Choice[] {
  const found = templates
    .filter(({ purpose }) => purpose === 'otp')
    .map(({ id, name, approved }) => ({ value: value === id ? id : name, label: name, approved: approved !== null }))
    .toSorted((one, other) => (one.label < other.label ? -1 : 1))
  return value === '' || found.some((each) => each.value === value) ? found : [{ value, label: value, approved: true }, ...found]
}
