// A dialog. When it closes, the focus goes back to what opened it; if that is gone, to the heading of the page. A page
// shows a dialog only while it is open, so that Mantine's own return, which waits for `opened`, never comes.
import { Modal, type ModalProps } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { useT } from '../i18n/i18n'

type Props = Omit<ModalProps, 'opened'>

export function Dialog(props: Props): ReactNode {
  const t = useT()
  useReturnFocus()
  return <Modal opened closeButtonProps={{ 'aria-label': t('parts.close') }} {...props} />
}

function useReturnFocus(): void {
  const opener = useRef(document.activeElement)
  useEffect(
    () => () => {
      const before = opener.current
      // Once the dialog is out of the page.
      setTimeout(() => {
        if (document.activeElement !== null && document.activeElement !== document.body) return
        const there = before instanceof HTMLElement && before !== document.body && before.isConnected
        const target = there ? before : document.getElementById('page-title')
        target?.focus({ preventScroll: true })
      })
    },
    [],
  )
}
