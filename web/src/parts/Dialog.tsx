// A dialog over the page. All dialogs are made of it, so that Escape, focus and titles are the same everywhere.
import { Modal, type ModalProps } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useOpenDialog } from './openDialog'

type Props = Omit<ModalProps, 'opened' | 'closeOnEscape'>

export function Dialog({ onClose, ...props }: Props): ReactNode {
  const t = useT()
  return <Modal {...useOpenDialog(onClose)} closeButtonProps={{ 'aria-label': t('parts.close') }} {...props} />
}
