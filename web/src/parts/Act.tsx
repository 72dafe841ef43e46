// A button that calls an operation. Who may not call it sees the button with the reason, everywhere alike.
//
// What ends something for good (`ends`) is a plain button with a red word: it is never what a page offers first. The dialog
// that asks has the red button.
import { Button, type ButtonProps, Tooltip } from '@mantine/core'
import type { MouseEventHandler, ReactNode } from 'react'
import type { Operation } from '../api/scopes'
import { useRefused } from '../app/session'
import { WhyNot } from './WhyNot'

type Props = ButtonProps & { calls: Operation; ends?: boolean; onClick?: MouseEventHandler<HTMLButtonElement>; type?: 'button' | 'submit'; children: ReactNode }

export function Act({ calls, onClick, ends = false, ...given }: Props): ReactNode {
  const refused = useRefused(calls)
  const props: typeof given = ends ? { variant: 'default', ...(refused === null && { c: 'var(--onesixty-bad)' }), ...given } : given
  if (refused === null) return <Button onClick={onClick} {...props} />
  // `aria-disabled` keeps it in the order of Tab, so that the reason can be read.
  return (
    <Tooltip label={<WhyNot refused={refused} />} events={{ hover: true, focus: true, touch: true }} multiline maw={260}>
      <Button {...props} type="button" aria-disabled="true" data-disabled onClick={(event) => event.preventDefault()} />
    </Tooltip>
  )
}
