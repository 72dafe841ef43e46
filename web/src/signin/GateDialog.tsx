// The dialog at a gate. Closing it lets the request be refused.
import type { ReactNode } from 'react'
import { type Gate, settle } from '../app/gates'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { SignInAgain } from './SignInAgain'
import { StepUp } from './StepUp'

export function GateDialog({ gate }: { gate: Gate }): ReactNode {
  const t = useT()
  return (
    <Dialog onClose={() => settle(false)} title={gate === 'signin' ? t('shell.ended') : t('shell.prove')} centered zIndex={600}>
      {gate === 'signin' ? <SignInAgain /> : <StepUp />}
    </Dialog>
  )
}
