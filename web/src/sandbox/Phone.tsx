// A handset as a phone: its messages, and below them what one can write: from the handset, or to it.
import { Button, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { FormErrors } from '../parts/FormErrors'
import { useForm } from '../parts/useForm'
import { PhoneNumber } from '../parts/Values'
import { HANDSETS, MESSAGES } from './handset'
import { Screen, useHandset } from './Screen'

type Side = 'to' | 'from'

export function Phone({ number }: { number: string }): ReactNode {
  const t = useT()
  const list = useHandset(number)
  // Where there is little room, the phone is above the list in which it was chosen.
  const phone = useRef<HTMLElement>(null)
  useEffect(() => {
    phone.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <section ref={phone} className="o-phone" aria-label={t('sandbox.handset', { number })}>
      <h2 className="o-phone-head"><PhoneNumber value={number} /></h2>
      <Screen list={list} />
      <Write number={number} sender={list.rows.find((message) => message.direction === 'received')?.from} />
    </section>
  )
}

type WriteProps = { number: string; sender: string | undefined; /** Only answers to `sender` can be written. */ answers?: boolean }

/** The form below the screen. A handset that got a message answers its sender unless another number is given. */
export function Write({ number, sender, answers = false }: WriteProps): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const maySend = useMay('POST /v1/sms/send')
  const [side, setSide] = useState<Side>(maySend && !answers ? 'to' : 'from')
  const form = useForm({
    initial: { text: '', peer: '' },
    names: { to: 'peer', from: 'peer' },
    send: async ({ text, peer }) => {
      const other = answers ? (sender ?? '') : peer.trim()
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
      {!answers && (
        <>
          <SegmentedControl
            fullWidth
            size="xs"
            value={side}
            onChange={(to) => setSide(to === 'from' ? 'from' : 'to')}
            data={[{ value: 'to', label: t('sandbox.write') }, { value: 'from', label: t('sandbox.reply') }]}
            aria-label={t('sandbox.who')}
          />
          <TextInput {...form.field('peer')} size="xs" label={peerLabel} placeholder={side === 'from' ? (sender ?? '') : t('sandbox.default')} dir="ltr" />
        </>
      )}
      <Textarea {...form.field('text')} size="sm" label={answers ? t('sandbox.answer') : t('sandbox.text')} autosize minRows={2} maxRows={6} dir="auto" />
      <FormErrors form={form} />
      {side === 'to' ? (
        <Act calls="POST /v1/sms/send" type="submit" loading={form.busy}>{t('sandbox.send')}</Act>
      ) : (
        <Button type="submit" loading={form.busy}>{t('sandbox.replyDo')}</Button>
      )}
    </form>
  )
}
