// The numbers with a fixed outcome as buttons: one click sends a message to it, and beside them stands what became of it.
//
// In the live mode a click fills the page that sends instead: what is sent there has a price.
import { Text, UnstyledButton } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { MESSAGES, MessageStatus } from '../messages/message'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { notifyRefusal } from '../parts/Notices'
import { Found } from '../parts/States'
import { Ident, PhoneNumber } from '../parts/Values'
import { Became } from './Became'
import { HANDSETS } from './handset'
import { About, endOf, type FixedNumber, GROUPS, textFor, useFixed } from './outcomes'

export function Fixed({ from }: { from: string }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate({ from: '/sandbox' })
  const { message } = useSearch({ from: '/shell/sandbox' })
  const [busy, setBusy] = useState<string | null>(null)
  const fixed = useFixed()
  const send = async (number: string): Promise<void> => {
    if (busy !== null) return
    setBusy(number)
    try {
      const sent = await take(api.POST('/v1/sms/send', { body: { to: number, from, text: textFor(number, t('sandbox.firstText')) } }))
      void queries.invalidateQueries({ queryKey: [MESSAGES] })
      void queries.invalidateQueries({ queryKey: [HANDSETS] })
      await navigate({ search: (before) => ({ ...before, message: sent.id }), resetScroll: false })
    } catch (error) {
      notifyRefusal(error)
    } finally {
      setBusy(null)
    }
  }
  return (
    <div className="o-sandbox">
      <div>
        <Text c="dimmed">{t('sandbox.fixedAbout')}</Text>
        <Found query={fixed}>
          {({ data }) =>
            GROUPS.map((group) => {
              const numbers = data.filter((each) => each.group === group)
              if (numbers.length === 0) return null
              return (
                <section key={group} aria-labelledby={`fixed-${group}`}>
                  <h2 id={`fixed-${group}`}>{t(`sandbox.group.${group}`)}</h2>
                  <ul className="o-sandbox-numbers">
                    {numbers.map((each) => (
                      <li key={each.number}>
                        <Card number={each} from={from} busy={busy === each.number} onSend={() => void send(each.number)} />
                      </li>
                    ))}
                  </ul>
                </section>
              )
            })
          }
        </Found>
      </div>
      {message === undefined ? <p className="o-sandbox-hint">{t('sandbox.click')}</p> : <Became key={message} id={message} />}
    </div>
  )
}

type CardProps = { number: FixedNumber; from: string; busy: boolean; onSend: () => void }

function Card({ number, from, busy, onSend }: CardProps): ReactNode {
  const t = useT()
  const me = useMe()
  const may = useMay('POST /v1/sms/send')
  const fill = { to: number.number, from, text: textFor(number.number, t('sandbox.firstText')) }
  const end = endOf(number)
  const about = (
    <>
      <strong><About number={number} /></strong>
      <span className="o-sandbox-ends">
        <MessageStatus status={end.status} /> {end.error !== null && <Ident>{end.error}</Ident>}
      </span>
    </>
  )
  return (
    <div className="o-sandbox-card">
      {me.mode === 'test' && may ? (
        <UnstyledButton className="o-sandbox-try" onClick={onSend} aria-busy={busy}>
          {about}
          <span className="o-sandbox-do"><Icon name={busy ? 'clock' : 'send'} size={14} /> {t('sandbox.sendTo')} <PhoneNumber value={number.number} /></span>
        </UnstyledButton>
      ) : (
        <div className="o-sandbox-try">
          {about}
          <span className="o-sandbox-do"><PhoneNumber value={number.number} /></span>
        </div>
      )}
      <span className="o-sandbox-links">
        {may && <TextLink to="/send" search={(before) => ({ ...before, ...fill })}>{t('sandbox.fill')}</TextLink>}
        <TextLink to="/sandbox" search={(before) => ({ ...before, tab: 'phones' as const, number: number.number })}>{t('sandbox.toPhone')}</TextLink>
      </span>
    </div>
  )
}
