// Changes a message that waits: its text with what it then costs, its sender, its time and the rest but the recipient.
//
// Rules kept here:
// - what is sent names the version that was read. If somebody else changed the message since, nothing is overwritten:
//   their changes come into the form, and what both changed is for the person to choose;
// - a version that differs in nothing that can be changed here (another status) is no conflict.
import { Button, Checkbox, Group, NativeSelect, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { take, takeTagged } from '../api/client'
import { isRefusal } from '../api/problem'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { FormErrors } from '../parts/FormErrors'
import { Icon } from '../parts/Icon'
import { notify } from '../parts/Notices'
import { Found } from '../parts/States'
import { useForm } from '../parts/useForm'
import { Money, ServerWords } from '../parts/Values'
import { Composer } from '../send/Composer'
import { usePreview } from '../send/usePreview'
import { changedIn, type Field, isTimed, type Met, met, patchOf, PRIORITIES, type Values, valuesOf } from './change'
import { type Message, MESSAGES, type Status } from './message'
import { CLASSES } from './shape'
import '../send/send.css'

/** What is said if the change has another status for a consequence. */
const TO: Partial<Record<Status, 'messages.changedTo.queued' | 'messages.changedTo.scheduled' | 'messages.changedTo.held'>> = {
  queued: 'messages.changedTo.queued', scheduled: 'messages.changedTo.scheduled', held: 'messages.changedTo.held',
}
/** How often it is sent again for a version that differs in nothing that is shown. */
const ROUNDS = 3

type Props = { id: string; onClose: () => void }

export function ChangeMessage({ id, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  // As it is now, with the version that is then named. It is not read again under the hands of who changes it.
  const query = useQuery({
    queryKey: ['change of a message', id],
    queryFn: () => takeTagged(api.GET('/v1/messages/{id}', { params: { path: { id } } })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  return (
    <Dialog onClose={onClose} size="xl" title={t('messages.changeTitle')}>
      <Found query={query}>{({ data, tag }) => <ChangeForm message={data} tag={tag} onClose={onClose} />}</Found>
    </Dialog>
  )
}

type FormProps = { message: Message; tag: string; onClose: () => void }

function ChangeForm({ message, tag, onClose }: FormProps): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  // The version that the form stands on: another one, once somebody else was faster.
  const [base, setBase] = useState({ message, tag })
  const [meeting, setMeeting] = useState<{ met: Met; theirs: Values } | null>(null)
  const before = valuesOf(base.message)
  const params = (version: string) => ({ path: { id: message.id }, header: { 'if-match': version } })

  const save = async (values: Values): Promise<unknown> => {
    const body = patchOf(before, values)
    let version = base.tag
    for (let round = 1; ; round += 1) {
      try {
        const changed = await take(api.PATCH('/v1/messages/{id}', { params: params(version), body }))
        await queries.invalidateQueries({ queryKey: [MESSAGES] })
        notify(t(changed.status === base.message.status ? 'messages.changed' : (TO[changed.status] ?? 'messages.changed')))
        onClose()
        return true
      } catch (error) {
        if (!isRefusal(error, 'precondition_failed') || round > ROUNDS) throw error
        const found = await takeTagged(api.GET('/v1/messages/{id}', { params: { path: { id: message.id } } }))
        const theirs = valuesOf(found.data)
        if (changedIn(before, theirs).length > 0) {
          const now = met(before, theirs, values)
          setBase({ message: found.data, tag: found.tag })
          setMeeting({ met: now, theirs })
          form.change(now.values)
          return false
        }
        version = found.tag
      }
    }
  }
  const form = useForm<Values>({ initial: before, send: save })
  const { values } = form
  const patch = patchOf(before, values)
  const texted = base.message.text !== null
  const { preview, refusal } = usePreview({
    to: message.to, from: values.from.trim() || undefined, text: texted ? values.text : '', class: values.class, flash: values.flash,
    ...(values.transliterate ? { transliterate: true } : {}),
  })
  const shown = form.at === 'text' ? form.field('text').error : refusal?.param === 'text' ? <ServerWords>{refusal.detail}</ServerWords> : null
  const senderError = form.at === 'from' ? form.field('from').error : refusal?.param === 'from' ? <ServerWords>{refusal.detail}</ServerWords> : null

  return (
    <form {...form.props}>
      <Stack>
        {meeting !== null && <Meeting {...meeting} onTake={(field) => form.change({ [field]: meeting.theirs[field] })} values={values} />}
        {texted ? (
          <div>
            <Composer
              value={values.text}
              onChange={(text) => form.change({ text })}
              error={shown}
              preview={preview}
              priced
              transliterate={values.transliterate}
              onTransliterate={(transliterate) => form.change({ transliterate })}
            />
            <Text size="sm" c="dimmed" mt={4}>
              {t('messages.untilNow', { count: base.message.segments })} · <Money amount={base.message.price} currency={base.message.currency} />
            </Text>
          </div>
        ) : (
          <Text c="dimmed">{t('messages.changeBinary')}</Text>
        )}
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput {...form.field('from')} error={senderError} label={t('messages.from')} dir="ltr" autoComplete="off" />
          {isTimed(base.message) && (
            <TextInput
              {...form.field('scheduled_at')}
              type="datetime-local"
              label={t('send.at')}
              description={t('send.atAbout', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}
            />
          )}
          <NativeSelect {...form.field('class')} label={t('messages.class')} data={CLASSES.map((value) => ({ value, label: t(`messages.class.${value}`) }))} />
          <NativeSelect {...form.field('priority')} label={t('messages.priority')} description={t('messages.priorityAbout')} data={[...PRIORITIES]} />
          <TextInput {...form.field('reference')} label={t('messages.reference')} dir="ltr" autoComplete="off" />
          <TextInput {...form.field('tags')} label={t('send.tags')} dir="auto" autoComplete="off" />
        </SimpleGrid>
        <Checkbox {...form.check('flash')} label={t('send.flash')} />
        <FormErrors form={form} />
        <Group justify="flex-end">
          <CopyAsCode request={{ operation: 'PATCH /v1/messages/{id}', path: { id: message.id }, body: patch }} />
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
          <Button type="submit" loading={form.busy} disabled={Object.keys(patch).length === 0}>
            {t('messages.changeDo')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

type MeetingProps = { met: Met; theirs: Values; values: Values; onTake: (field: Field) => void }

/** What somebody else changed meanwhile: what came into the form, and what both changed. */
function Meeting({ met: { taken, clashing }, theirs, values, onTake }: MeetingProps): ReactNode {
  const t = useT()
  const name = useFieldName()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [taken, clashing])
  return (
    <div role="alert" className="o-refused" tabIndex={-1} ref={box}>
      <Text fw={650}>
        <Icon name="alert" size={16} /> {t('messages.meanwhile')}
      </Text>
      <ul className="o-meeting">
        {taken.map((field) => (
          <li key={field}>
            {t('messages.tookTheirs', { field: name(field) })} <Shown value={theirs[field]} />
          </li>
        ))}
        {clashing.map((field) => (
          <li key={field}>
            {t('messages.bothChanged', { field: name(field) })} <Shown value={theirs[field]} />{' '}
            {values[field] !== theirs[field] && (
              <Button size="compact-sm" variant="default" onClick={() => onTake(field)}>
                {t('messages.takeTheirs')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Text size="sm">{t('messages.saveOnTop')}</Text>
    </div>
  )
}

function Shown({ value }: { value: string | boolean }): ReactNode {
  const t = useT()
  if (typeof value === 'boolean') return t(value ? 'messages.yes' : 'messages.no')
  return value === '' ? <span className="o-absent">{t('parts.none')}</span> : <bdi dir="auto" className="o-meeting-value">{value}</bdi>
}

function useFieldName(): (field: Field) => string {
  const t = useT()
  return (field) => {
    switch (field) {
      case 'scheduled_at':
        return t('send.at')
      case 'tags':
        return t('messages.tag')
      case 'flash':
        return t('send.flash')
      case 'transliterate':
        return t('send.transliterate')
      default:
        return t(`messages.${field}`)
    }
  }
}
