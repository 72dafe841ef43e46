// What else an operator does with a carrier: change it, copy it, capture its traffic, switch it off, remove it.
import { ActionIcon, Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import type { LiveCarrier } from './carrier'

export type Dialog = 'switch' | 'remove'

export function CarrierMenu({ carrier, onOpen }: { carrier: LiveCarrier; onOpen: (dialog: Dialog) => void }): ReactNode {
  const t = useT()
  const navigate = useNavigate()
  const may = useMay('PATCH /v1/carriers/{id}')
  // The button comes back from a dialog with the focus.
  return (
    <Menu position="bottom-end" returnFocus>
      <Menu.Target>
        <ActionIcon variant="default" size={36} disabled={!may} aria-label={t('carriers.actionsOf', { name: carrier.name })}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="edit" />} onClick={() => void navigate({ to: '/carriers/$id/change', params: { id: carrier.id } })}>
          {t('carriers.change')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="copy" />} onClick={() => void navigate({ to: '/carriers/new', search: { like: carrier.id } })}>
          {t('carriers.duplicate')}
        </Menu.Item>
        {carrier.binds.length > 0 && (
          <Menu.Item leftSection={<Icon name="pulse" />} onClick={() => void navigate({ to: '/captures', search: { make: 'true', carrier: carrier.name } })}>
            {t('carriers.capture')}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name={carrier.enabled ? 'stop' : 'play'} />} onClick={() => onOpen('switch')}>
          {carrier.enabled ? t('carriers.switchOff') : t('carriers.switchOn')}
        </Menu.Item>
        <Menu.Item color="red.8" leftSection={<Icon name="trash" />} onClick={() => onOpen('remove')}>
          {t('carriers.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
