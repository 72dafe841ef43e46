// What one chooses for a list: its columns; and for all lists: compact rows, and pages in place of an endless list.
import { Popover, UnstyledButton } from '@mantine/core'
import { lazy, type ReactNode, Suspense } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from './Icon'

const load = () => import('./ListOptionsPanel').then(({ ListOptionsPanel: component }) => ({ default: component }))
const ListOptionsPanel = lazy(load)

export function ListOptions({ path, columns }: { path: string; columns: readonly { name: string; title: string }[] }): ReactNode {
  const t = useT()
  const prepare = (): void => void load()
  return (
    <Popover position="bottom-end" width={260} trapFocus returnFocus withinPortal>
      <Popover.Target>
        <UnstyledButton className="o-list-options" aria-label={t('parts.listOptions')} title={t('parts.listOptions')} onPointerEnter={prepare} onFocus={prepare}>
          <Icon name="settings" size={16} />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Suspense>
          <ListOptionsPanel path={path} columns={columns.slice(1).map(({ name, title }) => ({ name, title }))} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}
