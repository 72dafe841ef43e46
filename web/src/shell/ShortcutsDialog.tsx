// The list of shortcuts, and the switch for those that are single letters.
import { Switch, Table } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { lettersNow } from '../app/letters'
import { preferences, usePreference } from '../app/preferences'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { entriesFor } from './Navigation'

export function ShortcutsDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useT()
  const on = usePreference('letters', 'on') === 'on'
  const entries = entriesFor(useMe())
  const [letters] = useState(lettersNow)
  const rows: [string, string][] = [
    ['Ctrl K', t('shell.search')],
    ['/', t('shell.toFilter')],
    ...letters.map(({ key, label }): [string, string] => [key, label]),
    ...entries.filter(({ letter }) => letter !== undefined).map((entry): [string, string] => [`g ${entry.letter}`, t(entry.label)]),
    ['?', t('shell.shortcuts')],
  ]
  return (
    <Dialog onClose={onClose} title={t('shell.shortcuts')}>
      <Switch
        mb="sm"
        label={t('shell.letters')}
        checked={on}
        onChange={(event) => preferences.set('letters', event.currentTarget.checked ? 'on' : 'off')}
      />
      <Table>
        <Table.Tbody>
          {rows.map(([keys, what]) => (
            <Table.Tr key={keys}>
              <Table.Th scope="row">
                <kbd dir="ltr">{keys}</kbd>
              </Table.Th>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Dialog>
  )
}
