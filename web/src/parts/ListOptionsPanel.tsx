// The choices of a list, as its button opens them.
import { Checkbox, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { preferences, usePreference } from '../app/preferences'
import { useT } from '../i18n/i18n'
import { useHiddenColumns } from './columns'

type Props = { path: string; columns: readonly { name: string; title: string }[] }

export function ListOptionsPanel({ path, columns }: Props): ReactNode {
  const t = useT()
  const hidden = useHiddenColumns()
  const density = usePreference('density', 'comfortable')
  const pages = usePreference('pages', 'off')
  const mine = hidden[path] ?? []
  const show = (name: string, shown: boolean): void => {
    const others = mine.filter((each) => each !== name)
    preferences.set('columns', { ...hidden, [path]: shown ? others : [...others, name] })
  }
  return (
    <Stack gap="md">
      {columns.length > 0 && (
        <Stack gap={6} role="group" aria-labelledby="list-columns">
          <h2 className="o-section" id="list-columns">
            {t('parts.columns')}
          </h2>
          {columns.map(({ name, title }) => (
            <Checkbox key={name} size="sm" label={title} checked={!mine.includes(name)} onChange={(event) => show(name, event.currentTarget.checked)} />
          ))}
        </Stack>
      )}
      <Stack gap={6} role="group" aria-labelledby="list-all">
        <h2 className="o-section" id="list-all">
          {t('parts.allLists')}
        </h2>
        <Checkbox size="sm" label={t('parts.compactLists')} checked={density === 'compact'} onChange={(event) => preferences.set('density', event.currentTarget.checked ? 'compact' : 'comfortable')} />
        <Checkbox size="sm" label={t('parts.inPages')} description={t('parts.inPagesAbout')} checked={pages === 'on'} onChange={(event) => preferences.set('pages', event.currentTarget.checked ? 'on' : 'off')} />
      </Stack>
    </Stack>
  )
}
