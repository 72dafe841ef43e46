// A number of days for which something is kept; 0 is for ever.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'

const DAY_MS = 86_400_000

export function Kept({ days }: { days: number }): ReactNode {
  const t = useT()
  const format = useFormat()
  return days === 0 ? t('accounts.forever') : format.duration(days * DAY_MS)
}
