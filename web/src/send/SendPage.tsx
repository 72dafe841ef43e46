// What will it cost and look like? A message to one number or many, with its preview as one types.
import { Checkbox, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useRef, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay, useMe } from '../app/session'
import { needTexts, useT } from '../i18n/i18n'
import { MESSAGES } from '../messages/message'
import { CLASSES } from '../messages/shape'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { FormActions } from '../parts/FormActions'
import { FormErrors } from '../parts/FormErrors'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { PageHead } from '../parts/PageHead'
import { Found, Unread } from '../parts/States'
import { useForm } from '../parts/useForm'
import { ServerWords } from '../parts/Values'
import { Composer } from './Composer'
import { Handset } from './Handset'
import { newKey } from './idempotency'
import { contentOf, EMPTY, type Values } from './order'
import { type Kind, Recipients } from './Recipients'
import { MOST, numbersIn } from './recipients'
import type { Accepted } from './Sent'
import { usePreview } from './usePreview'
import { typesOf, useTemplates, useWording } from './useTemplate'
import '../messages/messages.css'
import './send.css'

const Arrived = lazy(async () => {
  const [{ Arrived: component }] = await Promise.all([import('./Arrived'), needTexts('sandbox')])
  return { default: component }
})
const Sent = lazy(() => import('./Sent').then(({ Sent: component }) => ({ default: component })))
const FromTemplate = lazy(async () => {
  const [{ FromTemplate: component }] = await Promise.all([import('./FromTemplate'), needTexts('templates')])
  return { default: component }
})
const ConfirmDialog = lazy(() => import('../parts/ConfirmDialog').then(({ ConfirmDialog: component }) => ({ default: component })))

export function SendPage(): ReactNode {
  const t = useT()
  const { again, to, from, text } = useSearch({ from: '/shell/send' })
  const api = useApi()
  const before = useQuery({
    queryKey: [MESSAGES, again ?? ''],
    queryFn: () => take(api.GET('/v1/messages/{id}', { params: { path: { id: again ?? '' } } })),
    enabled: again !== undefined,
  })
  const given = { ...EMPTY, to: to ?? '', from: from ?? '', text: text ?? '' }
  return (
    <>
      <PageHead title={t('send.title')} about={t('send.about')} />
      {again === undefined ? (
        <SendForm initial={given} />
      ) : (
        <Found query={before}>
          {(message) => <SendForm initial={{ ...EMPTY, to: message.to, from: message.from, text: message.text ?? '', class: message.class, tags: message.tags.join(', '), flash: message.flash }} />}
        </Found>
      )}
    </>
  )
}

function SendForm({ initial }: { initial: Values }): ReactNode {
  const t = useT()
  const format = useFormat()
  const api = useApi()
  const { mode } = useMe()
  const queries = useQueryClient()
  const navigate = useNavigate({ from: '/send' })
  const { many, sent: arrived } = useSearch({ from: '/shell/send' })
  // In the test mode the handset is a simulated one, which one can look at and answer from.
  const simulated = useMay('GET /v1/sandbox/handsets/{number}/messages') && mode === 'test'
  const kind: Kind = many ?? 'one'
  const [file, setFile] = useState(() => numbersIn(''))
  const [asks, setAsks] = useState(false)
  const [sent, setSent] = useState<{ batch: Accepted; numbers: string[] } | null>(null)
  /** The request whose handset is shown, until one writes another; null: that with which the page began. */
  const [shows, setShows] = useState<string | null>(null)
  const key = useRef({ of: '', key: '' })

  /** The same request has the same key, so that it counts once; another one, or one that was answered, has another. */
  const keyFor = (body: unknown): { 'idempotency-key': string } => {
    const written = JSON.stringify(body)
    if (key.current.of !== written) key.current = { of: written, key: newKey() }
    return { 'idempotency-key': key.current.key }
  }
  const form = useForm<Values>({
    initial,
    names: kind === 'one' ? {} : { to: 'list' },
    send: async (values) => {
      if (kind === 'one') {
        const body = { ...contentOf(values, types), to: values.to.trim() }
        const answer = await take(api.POST('/v1/sms/send', { params: { header: keyFor(body) }, body }))
        key.current = { of: '', key: '' }
        void queries.invalidateQueries({ queryKey: [MESSAGES] })
        if (!simulated) return await navigate({ to: '/messages/$id', params: { id: answer.id } })
        setShows(JSON.stringify(body))
        await navigate({ search: (before) => ({ ...before, sent: answer.id }), replace: true, resetScroll: false })
      } else {
        const body = { ...contentOf(values, types), to: found.numbers }
        const batch = await take(api.POST('/v1/sms/batch', { params: { header: keyFor(body) }, body }))
        key.current = { of: '', key: '' }
        void queries.invalidateQueries({ queryKey: [MESSAGES] })
        setSent({ batch, numbers: found.numbers })
      }
    },
  })
  const { values } = form
  const found = kind === 'file' ? file : numbersIn(kind === 'list' ? values.list : values.to)
  const { templates, error: unread, again } = useTemplates()
  const wording = useWording(templates.find(({ name }) => name === values.template))
  const types = typesOf(wording)
  const content = contentOf(values, types)
  const first = kind === 'one' ? values.to : (found.numbers[0] ?? '')
  const { preview, refusal, addressed } = usePreview({ ...content, to: first })
  const count = kind === 'one' ? 1 : found.numbers.length

  /** What the preview refuses stands at its field while one types, and what the API refused after sending. */
  const errorAt = (name: keyof Values & string): ReactNode => {
    if (form.at === name) return form.field(name).error
    const field = refusal?.param === 'to' && kind !== 'one' ? 'list' : refusal?.param?.replace(/[[.].*/, '')
    return refusal !== null && field === name ? <ServerWords>{refusal.detail}</ServerWords> : null
  }
  /** The same by the whole path of a field. A value that is not typed yet is not wrong before it is sent. */
  const errorOfTemplate = (param: string): ReactNode => {
    const told = form.refusal?.problem ?? (refusal?.code === 'missing_field' ? null : refusal)
    return told?.param === param ? <ServerWords>{told.detail}</ServerWords> : null
  }
  const elsewhere = refusal !== null && (refusal.param === null || !(refusal.param.replace(/[[.].*/, '') in values))
  const request = kind === 'one' ? ({ operation: 'POST /v1/sms/send', body: { ...content, to: values.to.trim() } } as const) : ({ operation: 'POST /v1/sms/batch', body: { ...content, to: found.numbers.slice(0, 20) } } as const)
  const written = JSON.stringify(request.body)
  const [began] = useState(written)
  const isShown = simulated && kind === 'one' && arrived !== undefined && (shows ?? began) === written

  const bubble = <Handset from={preview?.from ?? values.from} text={preview?.text ?? (values.template === '' ? values.text : '')} parts={preview?.segments ?? 1} flash={values.flash} to={mode === 'live' ? 'real' : simulated && kind === 'one' ? 'simulated' : null} />

  return (
    <>
      {sent !== null && (
        <Suspense>
          <Sent {...sent} />
        </Suspense>
      )}
      <div className="o-send">
        <form
          {...form.props}
          onSubmit={(event) => {
            event.preventDefault()
            if (kind === 'one') form.submit()
            else if (count > 0 && count <= MOST) setAsks(true)
          }}
        >
          <Stack>
            <Recipients
              kind={kind}
              onKind={(to) => void navigate({ search: (before) => ({ ...before, many: to === 'one' ? undefined : to }), replace: true })}
              to={form.field('to')}
              list={form.field('list')}
              errors={{ to: errorAt('to'), list: errorAt('list') }}
              found={found}
              onFile={setFile}
            />
            <TextInput {...form.field('from')} error={errorAt('from')} label={t('send.from')} description={t('send.fromAbout')} dir="ltr" autoComplete="off" />
            {unread !== null && <Unread error={unread} onAgain={again} />}
            {templates.length > 0 && (
              <Suspense>
                <FromTemplate templates={templates} values={values} onChange={form.change} wording={wording} errorAt={errorOfTemplate} preview={preview} priced={addressed} />
              </Suspense>
            )}
            {values.template === '' && (
              <Composer
                value={values.text}
                onChange={(text) => form.change({ text })}
                error={errorAt('text')}
                preview={preview}
                priced={addressed}
                transliterate={values.transliterate}
                onTransliterate={(transliterate) => form.change({ transliterate })}
              />
            )}
            <Group grow align="flex-start" preventGrowOverflow={false} gap="md">
              <TextInput {...form.field('scheduled_at')} error={errorAt('scheduled_at')} type="datetime-local" label={t('send.at')} description={t('send.atAbout', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })} miw="13rem" />
              {values.template === '' && <NativeSelect {...form.field('class')} error={errorAt('class')} label={t('send.class')} description={t('send.classAbout')} miw="13rem" data={[{ value: '', label: t('send.default') }, ...CLASSES.map((value) => ({ value, label: t(`messages.class.${value}`) }))]} />}
            </Group>
            <Group grow align="flex-start" preventGrowOverflow={false} gap="md">
              <TextInput {...form.field('reference')} error={errorAt('reference')} label={t('send.reference')} dir="ltr" miw="13rem" />
              <TextInput {...form.field('tags')} error={errorAt('tags')} label={t('send.tags')} miw="13rem" />
            </Group>
            <Checkbox {...form.check('flash')} label={t('send.flash')} />
            {elsewhere && form.refusal === null && (
              <div className="o-refused">
                <ServerWords>{refusal.detail}</ServerWords>
              </div>
            )}
            {preview?.notices.map((notice) => (
              <Text key={notice.rule + notice.code} size="sm">
                <Icon name="info" size={14} /> <ServerWords>{notice.text}</ServerWords>
              </Text>
            ))}
            <FormErrors form={form} />
            <FormActions>
              <Act calls={kind === 'one' ? 'POST /v1/sms/send' : 'POST /v1/sms/batch'} type="submit" loading={form.busy} disabled={kind !== 'one' && (count === 0 || count > MOST)} leftSection={<Icon name="send" />}>
                {kind === 'one' ? t('send.send') : t('send.sendMany', { number: format.number(count) })}
              </Act>
              <CopyAsCode request={request} />
            </FormActions>
          </Stack>
        </form>
        {isShown ? (
          <Suspense fallback={bubble}>
            <Arrived id={arrived} now={shows !== null} />
          </Suspense>
        ) : (
          bubble
        )}
      </div>
      {asks && (
        <Suspense>
          <ConfirmDialog title={t('send.sendMany', { number: format.number(count) })} action={t('send.send')} typed={mode === 'live' ? `${count}` : undefined} onClose={() => setAsks(false)} onConfirm={async () => form.submit()}>
            {preview !== null && preview.segments !== null && <p>{t('send.sum', { segments: preview.segments, number: format.number(count) })}</p>}
            <p>{t('send.confirmAbout')}</p>
          </ConfirmDialog>
        </Suspense>
      )}
    </>
  )
}
