// The screen of a handset: its messages as it shows them, the latest last.
//
// Rules kept here:
// - older messages come with a button, and by scrolling to the top. What one reads stays where it is;
// - a message that arrives is scrolled to, unless one reads older ones.
import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'
import { useT } from '../i18n/i18n'
import { IdLink } from '../parts/IdLink'
import { Found } from '../parts/States'
import { type List, useList } from '../parts/useList'
import { PhoneNumber, Time } from '../parts/Values'
import { type HandsetMessage, inOrder, MESSAGES } from './handset'

const EVERY_MS = 2_000
const PAGE = 50
/** So near to its end, in pixels, a screen counts as scrolled there. */
const NEAR = 40

/** The messages of a handset, read again and again. */
export const useHandset = (number: string): List<HandsetMessage> =>
  useList(MESSAGES, { limit: PAGE }, { path: { number }, every: EVERY_MS })

export function Screen({ list }: { list: List<HandsetMessage> }): ReactNode {
  const t = useT()
  const messages = inOrder(list.rows)
  const [first, last] = [messages.at(0)?.sequence, messages.at(-1)?.sequence]
  const box = useRef<HTMLDivElement>(null)
  const seen = useRef<{ first?: number; last?: number; height: number; atEnd: boolean }>({ height: 0, atEnd: true })
  useLayoutEffect(() => {
    const { current: screen } = box
    const before = seen.current
    if (screen === null) return
    if (last !== before.last && before.atEnd) screen.scrollTop = screen.scrollHeight
    else if (first !== before.first) screen.scrollTop += screen.scrollHeight - before.height
    seen.current = { ...before, first, last, height: screen.scrollHeight }
  }, [first, last])
  const older = (): void => {
    if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage()
  }
  // The end stays in sight when there is more or less room.
  useEffect(() => {
    const { current: screen } = box
    if (screen === null) return
    const watch = new ResizeObserver(() => {
      if (seen.current.atEnd) screen.scrollTop = screen.scrollHeight
    })
    watch.observe(screen)
    return () => watch.disconnect()
  }, [])
  const onScroll = ({ currentTarget: screen }: { currentTarget: HTMLDivElement }): void => {
    seen.current.atEnd = screen.scrollHeight - screen.scrollTop - screen.clientHeight < NEAR
    if (screen.scrollTop < NEAR && screen.scrollHeight > screen.clientHeight) older()
  }
  return (
    <div className="o-phone-screen" ref={box} tabIndex={0} role="log" aria-label={t('sandbox.messages')} onScroll={onScroll}>
      {list.hasNextPage && (
        <Button className="o-phone-older" variant="subtle" size="compact-sm" loading={list.isFetchingNextPage} onClick={older}>
          {t('sandbox.older')}
        </Button>
      )}
      <Found query={list} rows={3}>
        {() => (messages.length === 0 ? <p className="o-phone-quiet">{t('sandbox.noMessages')}</p> : messages.map((message) => <Bubble key={message.sequence} message={message} />))}
      </Found>
    </div>
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
