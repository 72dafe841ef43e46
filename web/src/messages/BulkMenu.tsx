// What can be done with all messages that match the filters, for who works at the network desk.
import { Button, Menu } from '@mantine/core'
import { lazy, memo, type ReactNode, Suspense, useState } from 'react'
import type { Session } from '../app/session'
import { needTexts, useT } from '../i18n/i18n'
import { Icon, type IconName } from '../parts/Icon'
import { type Kind, KINDS } from './bulk'
import type { MessagesSearch } from './shape'

const BulkDialog = lazy(async () => {
  // It shows a job, whose words are those of the desk.
  const [{ BulkDialog: component }] = await Promise.all([import('./BulkDialog'), needTexts('desk')])
  return { default: component }
})

const ICONS: Record<Kind, IconName> = { cancel: 'stop', requeue: 'refresh', reroute: 'route' }

export const BulkMenu = memo(function BulkMenu({ desk, search, anchor }: { desk: Session; search: MessagesSearch; anchor: number }): ReactNode {
  const t = useT()
  const [kind, setKind] = useState<Kind | null>(null)
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button variant="subtle" size="compact-sm" rightSection={<Icon name="down" size={14} />}>
            {t('messages.bulk')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {KINDS.map((each) => (
            <Menu.Item key={each} leftSection={<Icon name={ICONS[each]} size={16} />} onClick={() => setKind(each)}>
              {t(`messages.bulk.${each}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Suspense>{kind !== null && <BulkDialog desk={desk} kind={kind} search={search} anchor={anchor} onClose={() => setKind(null)} />}</Suspense>
    </>
  )
})
