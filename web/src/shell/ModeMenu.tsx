// The change between live and test: a menu that says what each is, never a switch beside other buttons.
import { Menu, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { ModeButton } from './HeadButtons'

export function ModeMenu(): ReactNode {
  const t = useT()
  const me = useMe()
  const navigate = useNavigate()
  const go = (mode: 'test' | undefined): void => void navigate({ to: '.', search: (before) => ({ ...before, mode }) })
  const test = me.mode === 'test'
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <ModeButton />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('shell.mode')}</Menu.Label>
        <Menu.Item leftSection={<Icon name="tower" />} disabled={!test} onClick={() => go(undefined)}>
          {t('shell.live')}
          <Text size="xs" c="dimmed">
            {t('shell.liveAbout')}
          </Text>
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="flask" />} disabled={test} onClick={() => go('test')}>
          {t('shell.test')}
          <Text size="xs" c="dimmed">
            {t('shell.testAbout')}
          </Text>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
