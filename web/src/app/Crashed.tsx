// What is shown if a page could not be shown: it failed, or it could not be read. It is a part of the first load, so it
// needs few components.
import { Button, Group, Stack } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { isRefusal } from '../api/problem'
import { useT } from '../i18n/i18n'
import { RefusalText } from '../parts/RefusalText'
import { reloadOnce } from './upgrade'
import { TextLink } from '../parts/Link'

export function Crashed({ error }: { error: unknown }): ReactNode {
  const t = useT()
  const router = useRouter()
  useEffect(() => {
    reloadOnce(error)
  }, [error])
  return (
    <main className="o-crashed">
      <Stack role="alert">
        <h1>{isRefusal(error) ? t('shell.unread') : t('shell.crashed')}</h1>
        {isRefusal(error) ? (
          <RefusalText refusal={error} />
        ) : (
          <>
            <p>{t('shell.crashedAbout')}</p>
            <pre dir="ltr">{error instanceof Error ? error.message : String(error)}</pre>
          </>
        )}
        <Group>
          <Button onClick={() => void router.invalidate()}>{t('parts.tryAgain')}</Button>
          <TextLink to="/" search={{}}>
            {t('shell.toHome')}
          </TextLink>
        </Group>
      </Stack>
    </main>
  )
}
