// A dialog at the side of the page, for one thing of a list that stays in sight.
import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useOpenDialog } from './openDialog'

type Props = { title: string; onClose: () => void; children: ReactNode }

export function SideDialog({ title, onClose, children }: Props): ReactNode {
  const t = useT()
  return (
    <Drawer {...useOpenDialog(onClose)} title={title} position="right" size="xl" closeButtonProps={{ 'aria-label': t('parts.close') }}>
      {children}
    </Drawer>
  )
}
