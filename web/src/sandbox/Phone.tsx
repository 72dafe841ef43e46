// A handset as a phone: its messages, and below them what one can write: from the handset, or to it.
import { Button, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { FormErrors } from '../parts/FormErrors'
import { IdLink } from '../parts/IdLink'
import { Found } from '../parts/States'
import { useForm } from '../parts/useForm'
import { PhoneNumber, Time } from '../parts/Values'
import { HANDSETS, type HandsetMessage, inOrder, MESSAGES } from './handset'

type Side = 'to' | 'from'

const EVERY_MS = 2_000

export function Phone({ number }: { number: string }): ReactNode {
  const t = useT()
  const api = useApi()
  const query = useQuery({
    queryKey: [MESSAGES, number],
    queryFn: async () => inOrder((await take(api.GET('/v1/sandbox/handsets/{number}/messages', { params: { path: { number } } }))).data),
    refetchInterval: EVERY_MS,
  })
  const last = query.data?.at(-1)
  const screen = useRef<HTMLDivElement>(null)
  useEffect(() => {
    screen.current?.scrollTo({ top: screen.current.scrollHeight })
  }, [last?.at, query.data?.length])
  // Where there is little room, the phone is above the list in which it was chosen.
  const phone = useRef<HTMLElement>(null)
  useEffect(() => {
    phone.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  const sender = query.data?.findLast((message) => message.direction === 'received')?.from

  return (
    <section ref={phone} className="o-phone" aria-label={t('sandbox.handset', { number })}>
      <h2 className="o-phone-head"><PhoneNumber value={number} /></h2>
      <div className="o-phone-screen" ref={screen} tabIndex={0} role="log" aria-label={t('sandbox.messages')}>
        <Found query={query} rows={3}>
          {(messages) => (messages.length === 0 ? <p className="o-phone-quiet">{t('sandbox.noMessages')}</p> : messages.map((message, place) => <Bubble key={`${message.at}-${place}`} message={message} />))}
        </Found>
      </div>
      <Write number={number} sender={sender} />
    </section>
  )
}

function Bubble({ message }: { message: HandsetMessage }): ReactNode {
  const t = useT()
  const own = message.direction === 'sent'
  return (
    <div className="o-phone-message" data-own={own}>
      <span className="o-phone-quiet">
        {own ? t('sandbox.toNumber') : t('sandbox.fromNumber')} <PhoneNumber value={own ? message.to : message.from} />
      </span>
      <div className="o-phone-bubble" data-flash={message.flash} dir="auto">{message.text}</div>
      <span className="o-phone-quiet">
        <Time at={message.at} as="short" />
        {message.parts > 1 && <> · {t('sandbox.parts', { count: message.parts })}</>}
        {message.missing_parts > 0 && <> · {t('sandbox.missing', { count: message.missing_parts })}</>}
        {message.flash && <> · {t('sandbox.flash')}</>}
        {message.message_id !== null && <> · <IdLink id={message.message_id}>{t('sandbox.open')}</IdLink></>}
      </span>
    </div>
  )
}

/** The form below the screen. A handset that got a message answers its sender unless another number is given. */
function Write({ number, sender }: { number: string; sender: string | undefined }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const maySend = useMay('POST /v1/sms/send')
  const [side, setSide] = useState<Side>(maySend ? 'to' : 'from')
  const form = useForm({
    initial: { text: '', peer: '' },
    names: { to: 'peer', from: 'peer' },
    send: async ({ text, peer }) => {
      const other = peer.trim()
      if (side === 'from') {
        await take(api.POST('/v1/sandbox/handsets/{number}/messages', { params: { path: { number } }, body: { text, ...(other === '' ? {} : { to: other }) } }))
      } else {
        await take(api.POST('/v1/sms/send', { body: { to: number, text, ...(other === '' ? {} : { from: other }) } }))
      }
      form.reset({ text: '', peer })
      await Promise.all([queries.invalidateQueries({ queryKey: [MESSAGES] }), queries.invalidateQueries({ queryKey: [HANDSETS] })])
    },
  })
  const peerLabel = side === 'to' ? t('sandbox.sender') : t('sandbox.recipient')
  return (
    <form {...form.props} className="o-phone-form">
      <SegmentedControl
        fullWidth
        size="xs"
        value={side}
        onChange={(to) => setSide(to === 'from' ? 'from' : 'to')}
        data={[{ value: 'to', label: t('sandbox.write') }, { value: 'from', label: t('sandbox.reply') }]}
        aria-label={t('sandbox.who')}
      />
      <TextInput {...form.field('peer')} size="xs" label={peerLabel} placeholder={side === 'from' ? (sender ?? '') : t('sandbox.default')} dir="ltr" />
      <Textarea {...form.field('text')} size="sm" label={t('sandbox.text')} autosize minRows={2} maxRows={6} dir="auto" />
      <FormErrors form={form} />
      {side === 'to' ? (
        <Act calls="POST /v1/sms/send" type="submit" loading={form.busy}>{t('sandbox.send')}</Act>
      ) : (
        <Button type="submit" loading={form.busy}>{t('sandbox.replyDo')}</Button>
      )}
    </form>
  )
}
