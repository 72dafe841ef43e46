// Recovery codes: how many are left, and new ones.
import { Button, Group, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { ME, useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { Copy } from '../parts/Copy'
import { StatusBadge } from '../parts/StatusBadge'
import { StoredDialog } from '../parts/StoredDialog'
import { Section } from './Section'

const FEW = 3

export function RecoveryCodes({ left, possible }: { left: number; possible: boolean }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const [codes, setCodes] = useState<string[] | null>(null)
  const renew = async (): Promise<void> => {
    const made = await take(api.POST('/v1/me/recovery-codes'))
    await queries.invalidateQueries({ queryKey: ME })
    setCodes(made.recovery_codes ?? [])
  }
  if (!possible) return null
  return (
    <Section title={t('me.recovery')}>
      <Stack align="flex-start">
        <Text>{t('me.recoveryAbout')}</Text>
        <Group>
          <StatusBadge tone={left < FEW ? 'warn' : 'good'}>{t('me.left', { count: left })}</StatusBadge>
          <Button variant="default" onClick={() => setAsking(true)}>
            {t('me.renew')}
          </Button>
        </Group>
      </Stack>
      {asking && (
        <ConfirmDialog title={t('me.renew')} action={t('me.renew')} onClose={() => setAsking(false)} onConfirm={renew}>
          {t('me.renewAbout')}
        </ConfirmDialog>
      )}
      {codes !== null && <ShownCodes codes={codes} onClose={() => setCodes(null)} />}
    </Section>
  )
}

/** The codes, shown this once. */
export function ShownCodes({ codes, onClose }: { codes: string[]; onClose: () => void }): ReactNode {
  const t = useT()
  return (
    <StoredDialog title={t('me.recovery')} stored={t('me.stored')} onClose={onClose}>
      <Text>{t('me.storeCodes')}</Text>
      <ul className="o-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Group>
        <Copy value={codes.join('\n')} what={t('me.recovery')} withText />
      </Group>
    </StoredDialog>
  )
}
