// What the head of a page offers besides its first actions: with more than two of them, the sentence would have no room.
// Who may not call what an entry is for sees it with the reason, as with `Act`.
import { Button, Menu } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Operation } from '../api/scopes'
import { useRefused } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon, type IconName } from './Icon'
import { WhyNot } from './WhyNot'
import './parts.css'

export type MoreEntry = {
  label: string
  icon: IconName
  /** What is called here, or on the page that it leads to. */
  calls: Operation
  onClick: () => void
  /** It ends something for good. */
  ends?: boolean
}

/** `<PageHead actions={<><CopyAsCode ... /><MoreMenu entries={[...]} />...</>} />`. */
export function MoreMenu({ entries }: { entries: readonly MoreEntry[] }): ReactNode {
  const t = useT()
  return (
    <Menu position="bottom-end" returnFocus withinPortal>
      <Menu.Target>
        <Button variant="default" rightSection={<Icon name="down" size={14} />}>
          {t('parts.moreActions')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {entries.map((entry) => (
          <Entry key={entry.label} entry={entry} />
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Entry({ entry }: { entry: MoreEntry }): ReactNode {
  const refused = useRefused(entry.calls)
  const icon = <Icon name={entry.icon} size={16} />
  // `aria-disabled` keeps it among those that the arrow keys reach, so that the reason can be read.
  if (refused !== null) {
    return (
      <Menu.Item leftSection={icon} aria-disabled="true" closeMenuOnClick={false} className="o-more-refused">
        {entry.label}
        <span className="o-more-reason"><WhyNot refused={refused} /></span>
      </Menu.Item>
    )
  }
  return (
    <Menu.Item leftSection={icon} color={entry.ends ? 'red.8' : undefined} onClick={entry.onClick}>
      {entry.label}
    </Menu.Item>
  )
}
