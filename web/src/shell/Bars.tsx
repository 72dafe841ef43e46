// Bars above a page: the connection is not encrypted, or the server has become another version.
import { Alert, Anchor } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'

export function InsecureBar(): ReactNode {
  const t = useT()
  return (
    <Alert color="red.8" variant="outline" icon={<Icon name="alert" />} mb="md" title={t('shell.insecure')}>
      {t('shell.insecureAbout')}
    </Alert>
  )
}

export function VersionBar(): ReactNode {
  const t = useT()
  const { version } = useMe()
  const [first] = useState(version)
  if (version === first) return null
  return (
    <Alert variant="outline" icon={<Icon name="refresh" />} mb="md" role="status">
      {t('shell.newVersion', { version })}{' '}
      <Anchor component="button" type="button" onClick={() => location.reload()}>
        {t('shell.reload')}
      </Anchor>
    </Alert>
  )
}
