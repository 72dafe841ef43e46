// The secret of a key, shown this once.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { SecretDialog as Shared } from '../parts/SecretDialog'

type Props = { name: string; secret: string; onClose: () => void }

export function SecretDialog({ name, ...props }: Props): ReactNode {
  const t = useT()
  return <Shared title={t('keys.secret', { name })} about={t('keys.secretAbout')} what={t('keys.key')} {...props} />
}
