// What is shown if a page could not be shown: it failed, it could not be read, or there is none. It is a part of the
// first load, so it needs few components.
import { Button, Group, Stack } from '@mantine/core'
import { useRouter, useRouterState } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { isRefusal } from '../api/problem'
import { useT } from '../i18n/i18n'
import { RefusalText } from '../parts/RefusalText'
import { ENTRIES } from '../shell/navigation'
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

/** There is no page at this path. Below the path of a page, that page is offered. */
export function NoPage(): ReactNode {
  const t = useT()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const above = ENTRIES.findLast(({ to }) => to !== '/' && path.startsWith(`${to}/`))
  return (
    <main className="o-crashed">
      <Stack>
        <h1>{t('shell.noPage')}</h1>
        <p>{t('shell.noPageAbout')}</p>
        <Group>
          {above !== undefined && <TextLink to={above.to}>{t(above.label)}</TextLink>}
          <TextLink to="/">{t('shell.toHome')}</TextLink>
        </Group>
      </Stack>
    </main>
  )
}
