// What the head of a page offers besides its first actions: with more than two of them, the sentence would have no room.
import { Button, Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Icon, type IconName } from './Icon'

export type MoreEntry = { label: string; icon: IconName } & ({ to: Parameters<ReturnType<typeof useNavigate>>[0]['to'] } | { onClick: () => void })

/** `<PageHead actions={<><CopyAsCode ... /><MoreMenu entries={[...]} />...</>} />`. */
export function MoreMenu({ entries }: { entries: readonly MoreEntry[] }): ReactNode {
  const t = useT()
  const navigate = useNavigate()
  return (
    <Menu position="bottom-end" returnFocus withinPortal>
      <Menu.Target>
        <Button variant="default" rightSection={<Icon name="down" size={14} />}>
          {t('parts.moreActions')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {entries.map((entry) => (
          <Menu.Item key={entry.label} leftSection={<Icon name={entry.icon} size={16} />} onClick={'to' in entry ? () => void navigate({ to: entry.to }) : entry.onClick}>
            {entry.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
