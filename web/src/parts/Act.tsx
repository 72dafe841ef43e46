// A button that calls an operation. Who may not call it sees the button with the reason, everywhere alike.
import { Button, type ButtonProps, Tooltip } from '@mantine/core'
import type { MouseEventHandler, ReactNode } from 'react'
import type { Operation } from '../api/scopes'
import { useRefused } from '../app/session'
import { useT } from '../i18n/i18n'
import { WhomToAsk } from './WhomToAsk'

type Props = ButtonProps & { calls: Operation; onClick?: MouseEventHandler<HTMLButtonElement>; type?: 'button' | 'submit'; children: ReactNode }

/** Why one may not call it, in words; null if one may. */
export function useReason(calls: Operation): string | null {
  const t = useT()
  const refused = useRefused(calls)
  if (refused === null) return null
  return refused.why === 'mode' ? t('parts.needsLive') : t('parts.needsScope', { scope: refused.scope })
}

export function Act({ calls, onClick, ...props }: Props): ReactNode {
  const reason = useReason(calls)
  const refused = useRefused(calls)
  if (refused === null) return <Button onClick={onClick} {...props} />
  // `aria-disabled` keeps it in the order of Tab, so that the reason can be read.
  return (
    <Tooltip label={refused.why === 'mode' ? reason : <>{reason} <WhomToAsk scope={refused.scope} /></>} events={{ hover: true, focus: true, touch: true }} multiline maw={260}>
      <Button {...props} type="button" aria-disabled="true" data-disabled onClick={(event) => event.preventDefault()} />
    </Tooltip>
  )
}
