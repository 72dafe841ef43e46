// The messages of a list as a file.
import { Button, Menu } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useLetters } from '../app/letters'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { notifyRefusal } from '../parts/Notices'
import { saveFile } from '../parts/saveFile'
import type { queryOf } from './search'

export function Export({ query: { order: _, ...query } }: { query: ReturnType<typeof queryOf> }): ReactNode {
  const t = useT()
  const api = useApi()
  const [busy, setBusy] = useState(false)
  const [opened, setOpened] = useState(false)
  useLetters([{ key: 'e', label: t('messages.export'), run: () => setOpened(true) }])
  const load = async (format: 'csv' | 'jsonl'): Promise<void> => {
    setBusy(true)
    try {
      const file: unknown = await take(api.GET('/v1/messages/export', { params: { query: { ...query, format } }, parseAs: 'blob' }))
      if (file instanceof Blob) saveFile(file, `messages.${format}`)
    } catch (error) {
      notifyRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Menu opened={opened} onChange={setOpened} position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" loading={busy} leftSection={<Icon name="download" />}>
          {t('messages.export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void load('csv')}>CSV</Menu.Item>
        <Menu.Item onClick={() => void load('jsonl')}>JSON Lines</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
