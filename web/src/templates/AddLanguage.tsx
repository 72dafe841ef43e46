// Adds a text in another language: a ready one if the platform has it for these variables, else that of the default language to be translated.
import { Button, Group, Stack, Text } from '@mantine/core'
import { type ReactNode, type Ref, useState } from 'react'
import { take } from '../api/client'
import { isRefusal } from '../api/problem'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { Icon } from '../parts/Icon'
import type { Draft } from './draft'
import { languageName } from './languages'
import { LanguageField } from './LanguageField'
import { READY } from './ready'
import type { Template } from './template'

type Props = { template: Template; draft: Draft; button: Ref<HTMLButtonElement>; onAdd: (draft: Partial<Draft>, language: string) => void }

export function AddLanguage({ draft, button, onAdd }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const [open, setOpen] = useState(false)
  const [language, setLanguage] = useState('')
  const [busy, setBusy] = useState(false)
  const tag = language.trim()
  const there = tag in draft.texts

  const add = async (): Promise<void> => {
    if (tag === '' || there || busy) return
    setBusy(true)
    const ready = await readyText(tag)
    setBusy(false)
    setOpen(false)
    setLanguage('')
    onAdd({ texts: { ...draft.texts, [tag]: ready ?? draft.texts[draft.default_language] ?? '' } }, tag)
  }
  /** The ready text of the same kind, if the default text is a ready one that was not changed. */
  const readyText = async (wanted: string): Promise<string | null> => {
    if (draft.purpose !== 'otp') return null
    for (const purpose of READY) {
      try {
        const [own] = (await take(api.GET('/v1/templates/ready', { params: { query: { purpose, language: draft.default_language } } }))).data
        if (own?.text !== draft.texts[draft.default_language]) continue
        return (await take(api.GET('/v1/templates/ready', { params: { query: { purpose, language: wanted } } }))).data[0]?.text ?? null
      } catch (error) {
        if (!isRefusal(error)) throw error // there is none in this language
      }
    }
    return null
  }
  return (
    <>
      <Button ref={button} variant="default" size="compact-sm" leftSection={<Icon name="globe" size={14} />} onClick={() => setOpen(true)}>
        {t('templates.addLanguage')}
      </Button>
      {open && (
        <Dialog title={t('templates.addLanguage')} onClose={() => setOpen(false)} centered>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              event.stopPropagation()
              void add()
            }}
          >
            <Stack>
              <LanguageField label={t('templates.language')} value={language} onChange={setLanguage} error={there ? t('templates.languageThere', { language: languageName(tag) }) : null} />
              <Text size="sm" c="dimmed">
                {t('templates.addLanguageAbout')}
              </Text>
              <Group justify="flex-end">
                <Button variant="default" onClick={() => setOpen(false)}>
                  {t('parts.cancel')}
                </Button>
                <Button type="submit" loading={busy} disabled={tag === '' || there}>
                  {t('templates.add')}
                </Button>
              </Group>
            </Stack>
          </form>
        </Dialog>
      )}
    </>
  )
}
