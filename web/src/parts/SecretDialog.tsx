// One secret, shown this once.
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Secret, StoredDialog } from './StoredDialog'

/** `what` is the word for the secret: "Key", "Password". */
type Props = { title: string; about: string; what: string; secret: string; onClose: () => void }

export function SecretDialog({ title, about, what, secret, onClose }: Props): ReactNode {
  const t = useT()
  return (
    <StoredDialog title={title} stored={t('parts.stored')} size="lg" onClose={onClose}>
      <Text>{about}</Text>
      <Secret what={what} secret={secret} />
    </StoredDialog>
  )
}
