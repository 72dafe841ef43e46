// One box that takes anything (Ctrl K): an id, a number, a page, a command.
import { ActionIcon, Button } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'

const FinderDialog = lazy(() => import('./FinderDialog').then((found) => ({ default: found.FinderDialog })))

export function Finder(): ReactNode {
  const t = useT()
  const [opened, setOpened] = useState(false)
  useHotkeys([['mod+K', () => setOpened(true)]], [])
  return (
    <>
      <Button
        variant="default"
        size="xs"
        visibleFrom="sm"
        leftSection={<Icon name="search" size={16} />}
        rightSection={<kbd className="o-search-keys">Ctrl K</kbd>}
        onClick={() => setOpened(true)}
      >
        {t('shell.search')}
      </Button>
      <ActionIcon hiddenFrom="sm" variant="default" size={30} aria-label={t('shell.search')} onClick={() => setOpened(true)}>
        <Icon name="search" />
      </ActionIcon>
      {opened && (
        <Suspense>
          <FinderDialog onDone={() => setOpened(false)} />
        </Suspense>
      )}
    </>
  )
}
