// A template in place of a text: which one, in which language, with which values.
import { NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Ident } from '../parts/Values'
import { languageName } from '../templates/languages'
import { languagesOf, type Template } from '../templates/template'
import { textOf } from '../templates/variables'
import type { Values } from './order'
import { Sum } from './Composer'
import type { Preview } from './parts'
import type { Wording } from './useTemplate'

type Chosen = Pick<Values, 'template' | 'language' | 'variables'>

type Props = {
  templates: readonly Template[]
  values: Chosen
  onChange: (change: Partial<Chosen>) => void
  wording: Wording | null
  /** What was refused of a field: `template`, `language`, `variables.shop`. */
  errorAt: (param: string) => ReactNode
  preview: Preview | null
  /** Whether the price is that of a recipient. */
  priced: boolean
}

export function FromTemplate({ templates, values, onChange, wording, errorAt, preview, priced }: Props): ReactNode {
  const t = useT()
  const { template, language, variables } = values
  return (
    <Stack gap="sm">
      <NativeSelect
        label={t('templates.choose')}
        value={template}
        error={errorAt('template')}
        data-field="template"
        data={[{ value: '', label: t('templates.chooseNone') }, ...templates.map(({ name }) => ({ value: name, label: name }))]}
        onChange={(event) => onChange({ template: event.currentTarget.value, language: '' })}
      />
      {template !== '' && wording !== null && (
        <fieldset className="o-limits">
          <legend>
            <bdi dir="ltr">{template}</bdi>
          </legend>
          <Stack gap="sm">
            <NativeSelect
              label={t('templates.language')}
              description={t('templates.chooseLanguage')}
              value={language}
              error={errorAt('language')}
              data-field="language"
              data={languagesOf(wording).map((value) => (value === wording.default_language ? { value: '', label: `${languageName(value)} (${t('templates.default')})` } : { value, label: languageName(value) }))}
              onChange={(event) => onChange({ language: event.currentTarget.value })}
            />
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              {Object.entries(wording.variables).map(([name, variable]) => {
                const error = errorAt(`variables.${name}`)
                return (
                  <TextInput
                    key={name}
                    label={<Ident>{name}</Ident>}
                    description={t(`templates.type.${variable.type}`)}
                    placeholder={textOf(variable.default ?? variable.example ?? undefined) || t(`templates.like.${variable.type}`)}
                    required={variable.default === undefined || variable.default === null}
                    value={variables[name] ?? ''}
                    error={error}
                    data-field={error === null ? undefined : 'variables'}
                    dir="auto"
                    autoComplete="off"
                    onChange={(event) => onChange({ variables: { ...variables, [name]: event.currentTarget.value } })}
                  />
                )
              })}
            </SimpleGrid>
            <Sum id="template-sum" preview={preview} priced={priced} />
          </Stack>
        </fieldset>
      )}
    </Stack>
  )
}
