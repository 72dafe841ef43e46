// In place of a page that there is not. Few see it, so it is no part of the first load.
import { Group } from '@mantine/core'
import { useRouterState } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { ENTRIES } from './navigation'

/** There is no page at this path. Below the path of a page, that page is offered. */
export function NoPage(): ReactNode {
  const t = useT()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const above = ENTRIES.findLast(({ to }) => to !== '/' && path.startsWith(`${to}/`))
  return (
    <>
      <PageHead title={t('shell.noPage')} about={t('shell.noPageAbout')} />
      <Group>
        {above !== undefined && <TextLink to={above.to}>{t(above.label)}</TextLink>}
        <TextLink to="/">{t('shell.toHome')}</TextLink>
      </Group>
    </>
  )
}
