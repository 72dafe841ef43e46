// The account in which one acts, and the change to another of one's own.
import { Button, Menu, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'

export function AccountMenu(): ReactNode {
  const t = useT()
  const me = useMe()
  const navigate = useNavigate()
  const go = (account: string): void => void navigate({ to: '/', search: (before) => ({ mode: before.mode, account }) })
  return (
    <Menu position="bottom-start" width={300}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          className="o-account"
          rightSection={<Icon name="down" size={14} />}
          aria-label={`${me.account_name}: ${t('shell.changeAccount')}`}
        >
          <bdi dir="auto" className="o-ellipsis">
            {me.account_name}
          </bdi>
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: 'auto' }}>
        <Menu.Label>{t('shell.accounts')}</Menu.Label>
        {me.memberships.map((membership) => (
          <Menu.Item
            key={membership.account_id}
            leftSection={<Icon name={membership.account_id === me.account_id ? 'check' : 'building'} />}
            disabled={membership.account_id === me.account_id}
            onClick={() => go(membership.account_id)}
          >
            <bdi dir="auto">{membership.account_name}</bdi>
            <Text size="xs" c="dimmed">
              {membership.operator ? `${t('shell.operator')} · ` : ''}
              {membership.role}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
