// The first two keys of a new account, shown this once.
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Secret, StoredDialog } from '../parts/StoredDialog'
import type { Made } from './account'

export function MadeDialog({ made, onClose }: { made: Made; onClose: () => void }): ReactNode {
  const t = useT()
  return (
    <StoredDialog title={t('accounts.madeTitle', { name: made.name })} stored={t('accounts.stored')} size="lg" onClose={onClose}>
      <Text>{t('accounts.madeAbout')}</Text>
      {made.keys?.map((key) => (
        <div key={key.id}>
          <Text fw={600}>{t(`accounts.key.${key.mode}`)}</Text>
          <Secret what={t(`accounts.key.${key.mode}`)} secret={key.secret ?? ''} />
        </div>
      ))}
    </StoredDialog>
  )
}
