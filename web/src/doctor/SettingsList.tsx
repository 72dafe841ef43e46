// The settings of the node that answers, with where each value comes from. They are changed in the file or environment.
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { oneOf } from '../app/search'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { type FilterField, FilterBar, type Filters } from '../parts/FilterBar'
import type { IconName } from '../parts/Icon'
import { Found, NothingMatches } from '../parts/States'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Ident, Nothing } from '../parts/Values'
import { settingText } from './values'

type Setting = components['schemas']['SettingView']

const SOURCES = ['variable', 'file', 'default'] as const
const TONES: Record<Setting['source'], Tone> = { variable: 'info', file: 'info', default: 'quiet' }
const ICONS: Record<Setting['source'], IconName> = { variable: 'code', file: 'list', default: 'circle' }
const sourceOf = oneOf(...SOURCES)

export function SettingsList(): ReactNode {
  const t = useT()
  const api = useApi()
  const navigate = useNavigate({ from: '/settings' })
  const { source, name } = useSearch({ from: '/shell/settings' })
  const query = useQuery({ queryKey: ['/v1/settings'], queryFn: () => take(api.GET('/v1/settings')) })
  const fields: FilterField[] = [
    { name: 'name', label: t('doctor.setting'), kind: 'text', accepts: () => true },
    { name: 'source', label: t('doctor.source'), kind: 'choice', options: SOURCES.map((value) => ({ value, label: t(`doctor.source.${value}`) })) },
  ]
  const filter = (to: Filters): void =>
    void navigate({ search: (before) => ({ ...before, source: sourceOf(to.source), name: typeof to.name === 'string' ? to.name : undefined }) })
  return (
    <>
      <Text c="dimmed" mb="sm">{t('doctor.settingsAbout')}</Text>
      <FilterBar label={t('doctor.filter')} fields={fields} value={{ source, name }} onChange={filter} />
      <Found query={query} rows={12}>
        {({ data }) => {
          const wanted = name?.toLowerCase().replace(/^onesixty_/, '') ?? ''
          const shown = data.filter((setting) => (source === undefined || setting.source === source) && setting.name.includes(wanted))
          if (shown.length === 0) return <NothingMatches onClear={() => filter({})} />
          return (
            <ul className="o-settings">
              {shown.map((setting) => (
                <li key={setting.name}>
                  <div>
                    <h2><Ident>{setting.name}</Ident></h2>
                    <span className="o-setting-more"><Ident>{setting.variable}</Ident></span>
                  </div>
                  <div>
                    <Value value={setting.value} />
                    {setting.source !== 'default' && !setting.secret && (
                      <span className="o-setting-more">
                        {t('doctor.default')} <Value value={setting.default} />
                      </span>
                    )}
                  </div>
                  <div><StatusBadge tone={TONES[setting.source]} icon={setting.secret ? 'lock' : ICONS[setting.source]}>{t(`doctor.source.${setting.source}`)}</StatusBadge></div>
                </li>
              ))}
            </ul>
          )
        }}
      </Found>
    </>
  )
}

function Value({ value }: { value: unknown }): ReactNode {
  const text = settingText(value)
  return text === null ? <Nothing /> : <Ident>{text}</Ident>
}
