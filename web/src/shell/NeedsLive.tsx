// In place of a page that there is in the live mode alone.
import { Button, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { State } from '../parts/States'

export function NeedsLive(): ReactNode {
  const t = useT()
  const navigate = useNavigate()
  return (
    <State
      icon="flask"
      title={t('shell.needsLive')}
      action={
        <Button onClick={() => void navigate({ to: '.', search: (before) => ({ ...before, mode: undefined }) })}>
          {t('shell.toLive')}
        </Button>
      }
    >
      <Text>{t('shell.needsLiveAbout')}</Text>
    </State>
  )
}
