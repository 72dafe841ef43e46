// The editor of a template: a text for each language, the variables in them, and at the side what a message would be.
import { Button, Group, NativeSelect, NumberInput, SimpleGrid, Stack, Tabs, Text, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { CLASSES } from '../messages/shape'
import { Act } from '../parts/Act'
import { FormErrors } from '../parts/FormErrors'
import { Icon } from '../parts/Icon'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { ServerWords } from '../parts/Values'
import { AddLanguage } from './AddLanguage'
import { changeOf, type Draft, draftOf } from './draft'
import { namedIn } from './found'
import { languageName } from './languages'
import { PreviewPane } from './PreviewPane'
import { isOpen, type Template, TEMPLATES } from './template'
import { usePreview } from './usePreview'
import { VariableRows } from './VariableRows'
import { newRow } from './variables'
import './templates.css'

export function Editor({ template }: { template: Template }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate({ from: '/templates/$id' })
  const { language: shown } = useSearch({ from: '/shell/templates/$id' })
  const mayChange = useMay('PATCH /v1/templates/{id}')
  /** What the form began with: a change is of this version, and refused if somebody else was faster. */
  const [base, setBase] = useState(template)
  const first = draftOf(base)
  const [values, setValues] = useState<Record<string, string>>({})
  const adds = useRef<HTMLButtonElement>(null)
  const form = useForm<Draft>({
    initial: first,
    within: [...Object.keys(first.texts).map((language) => `texts.${language}`), ...first.variables.map(({ name }) => `variables.${name}`)],
    send: async (draft) => {
      const params = { path: { id: base.id }, header: { 'if-match': `"${base.version}"` } }
      // The types know no null in a map, by which a merge patch takes away.
      setBase(await take(api.PATCH('/v1/templates/{id}', { params, body: changeOf(first, draft) as never })))
      await queries.invalidateQueries({ queryKey: [TEMPLATES] })
      notify(t('templates.saved'))
    },
  })
  useEffect(() => {
    if (form.dirty || form.busy || template.version <= base.version) return
    setBase(template)
    form.reset(draftOf(template))
  }, [template, form.dirty, form.busy]) // what others changed, while nothing is typed here
  const languages = Object.keys(form.values.texts)
  const language = languages.find((each) => each === shown) ?? languages[0] ?? template.default_language
  const show = (to: string | null): void => void navigate({ search: (before) => ({ ...before, language: to ?? undefined }), replace: true })
  const refusedAt = form.at?.startsWith('texts.') ? form.at.slice('texts.'.length) : null
  useEffect(() => {
    if (refusedAt !== null) show(refusedAt)
  }, [form.refusal]) // its text is shown, where the error stands

  const open = isOpen(template) && mayChange
  const text = form.values.texts[language] ?? ''
  const preview = usePreview(template, language, text === template.texts[language] ? undefined : text, values)
  const setText = (to: string): void => form.change({ texts: { ...form.values.texts, [language]: to } })
  const known = new Set(form.values.variables.map(({ name }) => name))
  const missing = Object.entries(namedIn(text)).filter(([name]) => !known.has(name))
  const addMissing = (): void => form.change({ variables: [...form.values.variables, ...missing.map(([name, type]) => ({ ...newRow(name), type }))] })
  const unsaved = JSON.stringify(form.values.variables) !== JSON.stringify(first.variables)
  const error =
    form.at === `texts.${language}` && form.refusal !== null ? <ServerWords>{form.refusal.problem.detail}</ServerWords>
    : preview.refusal !== null && !unsaved && (preview.refusal.param === 'text' || preview.refusal.param === `texts.${language}`) ? <ServerWords>{preview.refusal.detail}</ServerWords>
    : null

  return (
    <form {...form.props}>
      {!isOpen(template) && (
        <Text c="dimmed" mb="md">
          <Icon name="lock" size={14} /> {t('templates.submittedAbout')}
        </Text>
      )}
      {template.state === 'approved' && open && (
        <Text c="dimmed" mb="md">
          <Icon name="info" size={14} /> {t('templates.approvedAbout', { next: template.number + 1 })}
        </Text>
      )}
      <div className="o-template">
        <Stack>
          <Tabs value={language} onChange={show} keepMounted={false} variant="outline">
            <Tabs.List aria-label={t('templates.languages')}>
              {languages.map((each) => (
                <Tabs.Tab key={each} value={each}>
                  {languageName(each)} {each === form.values.default_language && <small>({t('templates.default')})</small>}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {languages.map((each) => (
              <Tabs.Panel key={each} value={each} pt="sm">
                <Textarea
                  label={t('templates.textIn', { language: languageName(each) })}
                  description={t('templates.textAbout', { brace: '{', end: '}' })}
                  value={text}
                  onChange={(event) => setText(event.currentTarget.value)}
                  error={error}
                  aria-invalid={error !== null || undefined}
                  data-field={`texts.${each}`}
                  readOnly={!open}
                  autosize
                  minRows={4}
                  maxLength={2000}
                  dir={preview.data?.direction ?? 'auto'}
                  lang={each}
                />
              </Tabs.Panel>
            ))}
          </Tabs>
          {open && (
            <Group gap="xs">
              {missing.length > 0 && (
                <Button variant="default" size="compact-sm" leftSection={<Icon name="plus" size={14} />} onClick={addMissing}>
                  {t('templates.addFound', { names: missing.map(([name]) => name).join(', ') })}
                </Button>
              )}
              <AddLanguage template={template} draft={form.values} button={adds} onAdd={(draft, added) => (form.change(draft), show(added))} />
              {languages.length > 1 && language !== form.values.default_language && (
                <>
                  <Button variant="default" size="compact-sm" onClick={() => form.change({ default_language: language })}>
                    {t('templates.makeDefault')}
                  </Button>
                  <Button
                    variant="default"
                    size="compact-sm"
                    leftSection={<Icon name="trash" size={14} />}
                    onClick={() => {
                      form.change({ texts: Object.fromEntries(Object.entries(form.values.texts).filter(([each]) => each !== language)) })
                      show(form.values.default_language)
                      adds.current?.focus()
                    }}
                  >
                    {t('templates.dropLanguage', { language: languageName(language) })}
                  </Button>
                </>
              )}
            </Group>
          )}
          <VariableRows rows={form.values.variables} onChange={(variables) => form.change({ variables })} at={form.at} refusal={form.refusal} readOnly={!open} />
          <fieldset className="o-limits">
            <legend>{t('templates.general')}</legend>
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <TextInput {...form.field('name')} label={t('templates.name')} description={t('templates.nameChange')} maxLength={100} dir="ltr" readOnly={!mayChange} />
              <NativeSelect {...form.field('purpose')} label={t('templates.purpose')} description={t('templates.purposeAbout')} disabled={!open} data={CLASSES.map((value) => ({ value, label: t(`messages.class.${value}`) }))} />
              <NumberInput {...form.field('max_segments')} label={t('templates.most')} description={t('templates.mostAbout')} placeholder={t('parts.noLimit')} min={1} max={255} allowDecimal={false} clampBehavior="none" hideControls readOnly={!open} />
            </SimpleGrid>
          </fieldset>
          <FormErrors form={form} />
          <Group>
            <Act calls="PATCH /v1/templates/{id}" type="submit" loading={form.busy} disabled={!form.dirty}>
              {t('parts.save')}
            </Act>
            {form.dirty && (
              <Button variant="default" onClick={() => form.reset()}>
                {t('templates.undo')}
              </Button>
            )}
          </Group>
        </Stack>
        <PreviewPane preview={preview} variables={template.variables} values={values} onValues={setValues} unsaved={unsaved} />
      </div>
    </form>
  )
}
