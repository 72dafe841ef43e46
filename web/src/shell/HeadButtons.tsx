// The buttons of the head whose menus are loaded behind the page. Without their menus they keep the place, so that nothing
// beside them moves once those are there. `Menu.Target` gives its child a class, which comes beside their own.
import { ActionIcon, type ActionIconProps, Button, type ButtonProps } from '@mantine/core'
import type { ComponentPropsWithRef, ReactNode } from 'react'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'

/** Opens the change of the account. */
export function AccountButton({ className = '', ...props }: ButtonProps & ComponentPropsWithRef<'button'>): ReactNode {
  const t = useT()
  const { account_name: name } = useMe()
  return (
    <Button variant="subtle" color="gray" size="xs" className={`o-account ${className}`} rightSection={<Icon name="down" size={14} />} aria-label={`${name}: ${t('shell.changeAccount')}`} {...props}>
      <bdi dir="auto" className="o-ellipsis">
        {name}
      </bdi>
    </Button>
  )
}

/** Opens the change between live and test. What `Menu.Target` adds, it passes on. */
export function ModeButton({ className = '', ...props }: ButtonProps & ComponentPropsWithRef<'button'>): ReactNode {
  const t = useT()
  const test = useMe().mode === 'test'
  const mode = test ? t('shell.test') : t('shell.live')
  return (
    <Button variant="default" size="xs" leftSection={<Icon name={test ? 'flask' : 'tower'} size={16} />} aria-label={`${mode}: ${t('shell.changeMode')}`} className={`o-head-button ${className}`} {...props}>
      <span className="o-wide">{mode}</span>
    </Button>
  )
}

/** Opens what one chooses for oneself. */
export function PersonButton(props: ActionIconProps & ComponentPropsWithRef<'button'>): ReactNode {
  const t = useT()
  const { user } = useMe()
  return (
    <ActionIcon variant="default" size={30} aria-label={t('shell.you', { name: user?.name || user?.email || '' })} {...props}>
      <Icon name="person" />
    </ActionIcon>
  )
}
