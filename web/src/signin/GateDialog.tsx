// The dialog at a gate. Closing it lets the request be refused.
import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { type Gate, settle } from '../app/gates'
import { useT } from '../i18n/i18n'
import { SignInAgain } from './SignInAgain'
import { StepUp } from './StepUp'

export function GateDialog({ gate }: { gate: Gate }): ReactNode {
  const t = useT()
  return (
    <Modal
      opened
      onClose={() => settle(false)}
      title={gate === 'signin' ? t('shell.ended') : t('shell.prove')}
      centered
      zIndex={600}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {gate === 'signin' ? <SignInAgain /> : <StepUp />}
    </Modal>
  )
}
