// Who is signed in, and what one chooses for oneself: language, colours, time zone; and the way out.
import { Menu, NativeSelect, Text, useMantineColorScheme } from '@mantine/core'
import { useMatches, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import { take } from '../api/client'
import { showShortcuts } from '../app/letters'
import { preferences, usePreference } from '../app/preferences'
import { forgetSessions, useApi, useMe } from '../app/session'
import { changeLanguage, useLanguage, useT } from '../i18n/i18n'
import { isLanguage, LANGUAGES } from '../i18n/languages'
import { zones } from '../parts/calendar'
import { Icon, type IconName } from '../parts/Icon'
import { notifyRefusal } from '../parts/Notices'
import { productPath } from '../app/places'
import { PersonButton } from './HeadButtons'

const SCHEMES = { light: 'sun', dark: 'moon', auto: 'settings' } as const satisfies Record<string, IconName>

export const UserMenu = (): ReactNode => (
  <Menu position="bottom-end" width={300} closeOnItemClick={false} trapFocus>
    <Menu.Target>
      <PersonButton />
    </Menu.Target>
    <Menu.Dropdown>
      <Choices />
    </Menu.Dropdown>
  </Menu>
)

/** What is in it: made once it opens. */
function Choices(): ReactNode {
  const t = useT()
  const me = useMe()
  const api = useApi()
  const navigate = useNavigate()
  const page = useMatches({ select: (matches) => /^\/(\w[^/]*)/.exec(matches.at(-1)?.fullPath ?? '')?.[1] ?? 'home' })
  const language = useLanguage()
  const zone = usePreference('zone', 'local')
  const density = usePreference('density', 'comfortable')
  const pages = usePreference('pages', 'off')
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const known = useMemo(zones, [])
  const name = me.user?.name || me.user?.email || ''

  const signOut = async (): Promise<void> => {
    try {
      await take(api.DELETE('/v1/sessions/{id}', { params: { path: { id: 'current' } } }))
      forgetSessions()
      await navigate({ to: '/sign-in', search: {} })
    } catch (error) {
      notifyRefusal(error)
    }
  }

  return (
    <>
      <Menu.Label>
        <bdi dir="auto">{name}</bdi>
        <Text size="xs" c="dimmed">
          <bdi dir="ltr">{me.user?.email}</bdi> · {me.role}
        </Text>
      </Menu.Label>
      <Menu.Item closeMenuOnClick leftSection={<Icon name="shield" />} onClick={() => void navigate({ to: '/me' })}>
        {t('shell.yourSignIn')}
      </Menu.Item>
      <Menu.Item component="a" href={productPath(`/docs/console#${page}`)} target="_blank" leftSection={<Icon name="info" />}>
        {t('shell.aboutPage')}
      </Menu.Item>
      <Menu.Item component="a" href={productPath('/docs')} target="_blank" leftSection={<Icon name="book" />}>
        {t('shell.reference')}
      </Menu.Item>
      <Menu.Item closeMenuOnClick leftSection={<Icon name="code" />} onClick={showShortcuts}>
        {t('shell.shortcuts')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Label>{t('shell.scheme')}</Menu.Label>
      {(['light', 'dark', 'auto'] as const).map((each) => (
        <Menu.Item
          key={each}
          role="menuitemradio"
          aria-checked={colorScheme === each}
          leftSection={<Icon name={SCHEMES[each]} />}
          rightSection={colorScheme === each ? <Icon name="check" size={14} /> : null}
          onClick={() => setColorScheme(each)}
        >
          {t(`shell.scheme.${each}`)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <div className="o-menu-field">
        <NativeSelect
          label={t('shell.language')}
          size="xs"
          data={Object.entries(LANGUAGES).map(([value, each]) => ({ value, label: each.name }))}
          value={language}
          onChange={({ currentTarget: { value } }) => isLanguage(value) && void changeLanguage(value)}
        />
        <NativeSelect
          label={t('shell.zone')}
          size="xs"
          data={[{ value: 'local', label: t('shell.zoneLocal') }, ...known]}
          value={zone}
          onChange={(event) => preferences.set('zone', event.currentTarget.value)}
        />
      </div>
      <Menu.Item
        role="menuitemcheckbox"
        aria-checked={density === 'compact'}
        rightSection={density === 'compact' ? <Icon name="check" size={14} /> : null}
        onClick={() => preferences.set('density', density === 'compact' ? 'comfortable' : 'compact')}
      >
        {t('shell.compact')}
      </Menu.Item>
      <Menu.Item
        role="menuitemcheckbox"
        aria-checked={pages === 'on'}
        rightSection={pages === 'on' ? <Icon name="check" size={14} /> : null}
        onClick={() => preferences.set('pages', pages === 'on' ? 'off' : 'on')}
      >
        {t('parts.inPages')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item closeMenuOnClick leftSection={<Icon name="out" />} onClick={() => void signOut()}>
        {t('shell.signOut')}
      </Menu.Item>
    </>
  )
}
