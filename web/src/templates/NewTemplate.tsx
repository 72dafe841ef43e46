// The form for a new template: its name, what it is for, its first language, and a ready text to begin with.
import { Button, Group, NativeSelect, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { currentLanguage, useT } from '../i18n/i18n'
import { CLASSES } from '../messages/shape'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { notify } from '../parts/Notices'
import { useForm } from '../parts/useForm'
import { namedIn } from './found'
import { LanguageField } from './LanguageField'
import { READY, type Ready } from './ready'
import { TEMPLATES } from './template'

type Values = { name: string; purpose: (typeof CLASSES)[number]; default_language: string; ready: '' | Ready; text: string }

export function NewTemplate({ onClose }: { onClose: () => void }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const form = useForm<Values>({
    initial: { name: '', purpose: 'transactional', default_language: currentLanguage(), ready: '', text: '' },
    names: { texts: 'text' },
    send: async ({ name, purpose, default_language: language, text, ready: kind }) => {
      // What the text names is there from the beginning; a ready text says more of its variables.
      const variables = { ...Object.fromEntries(Object.entries(namedIn(text)).map(([variable, type]) => [variable, { type }])), ...(kind === '' ? {} : ready.data?.variables) }
      const body = { name: name.trim(), purpose, default_language: language.trim(), texts: { [language.trim()]: text }, variables }
      const made = await take(api.POST('/v1/templates', { body }))
      await queries.invalidateQueries({ queryKey: [TEMPLATES] })
      onClose()
      notify(t('templates.madeDone', { name: made.name }))
      await navigate({ to: '/templates/$id', params: { id: made.id } })
    },
  })
  const { purpose, default_language: language, ready: kind } = form.values
  /** What is ready in this language; none is no error. */
  const ready = useQuery({
    queryKey: ['/v1/templates/ready', kind, language],
    queryFn: async ({ signal }) => (await take(api.GET('/v1/templates/ready', { params: { query: { purpose: kind === '' ? 'verification' : kind, language } }, signal }))).data[0] ?? null,
    enabled: kind !== '' && language.trim() !== '',
    retry: false,
  })
  const begin = (to: '' | Ready): void => form.change({ ready: to, ...(to === '' ? {} : { purpose: 'otp' }) })
  return (
    <Dialog onClose={onClose} title={t('templates.make')} size="lg">
      <form {...form.props}>
        <Stack>
          <TextInput {...form.field('name')} label={t('templates.name')} description={t('templates.nameAbout')} placeholder="order-shipped" maxLength={100} dir="ltr" autoComplete="off" data-autofocus />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <NativeSelect {...form.field('purpose')} label={t('templates.purpose')} data={CLASSES.map((value) => ({ value, label: t(`messages.class.${value}`) }))} />
            <LanguageField {...form.field('default_language')} label={t('templates.language')} />
          </SimpleGrid>
          {(purpose === 'otp' || kind !== '') && (
            <NativeSelect
              label={t('templates.ready')}
              description={kind !== '' && ready.isError ? t('templates.noReady') : t('templates.readyAbout')}
              value={kind}
              onChange={(event) => begin(READY.find((each) => each === event.currentTarget.value) ?? '')}
              data={[{ value: '', label: t('templates.ready.none') }, ...READY.map((value) => ({ value, label: t(`templates.ready.${value}`) }))]}
            />
          )}
          <Textarea {...form.field('text')} label={t('templates.text')} description={t('templates.textAbout', { brace: '{', end: '}' })} autosize minRows={3} maxLength={2000} dir="auto" />
          {ready.data != null && ready.data.text !== form.values.text && (
            <Group>
              <Button variant="default" onClick={() => form.change({ text: ready.data?.text ?? '' })}>
                {t('templates.readyUse')}
              </Button>
              <bdi dir="auto">{ready.data.example.text}</bdi>
            </Group>
          )}
          <FormErrors form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" loading={form.busy}>
              {t('templates.makeDo')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
