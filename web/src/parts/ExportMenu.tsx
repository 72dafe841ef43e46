// The formats of an export, and the file that the chosen one makes.
import { Button, Menu } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { type Api, take } from '../api/client'
import type { paths } from '../api/schema'
import { useLetters } from '../app/letters'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from './Icon'
import { notifyRefusal } from './Notices'
import { saveFile } from './saveFile'

/** The paths that answer with a list as a file. */
export type ExportPath = Extract<keyof paths, `${string}/export`>

type Parameters<P extends ExportPath> = paths[P] extends { get: { parameters: infer A } } ? A : never
type QueryOf<P extends ExportPath> = Parameters<P> extends { query?: infer Q } ? Omit<NonNullable<Q>, 'format' | 'after'> : never
type ValuesOf<P extends ExportPath> = Parameters<P> extends { path: infer V } ? V : undefined

/** `values` are those of the path's placeholders; `query` are the filters of the list; `name` is that of the file.
 * `api` is that of the account, if it is another one than the page's. */
export type Exported<P extends ExportPath> = { path: P; values?: ValuesOf<P>; query: QueryOf<P>; name: string; api?: Api }

export function ExportMenu({ path, values, query, name, api: given }: Exported<ExportPath>): ReactNode {
  const t = useT()
  const own = useApi()
  const api = given ?? own
  const [busy, setBusy] = useState(false)
  const [opened, setOpened] = useState(false)
  useLetters([{ key: 'e', label: t('parts.export'), run: () => setOpened(true) }])
  const load = async (format: 'csv' | 'jsonl'): Promise<void> => {
    setBusy(true)
    try {
      // The types of the path's own call are checked by `Exported`.
      const get = api.GET as unknown as (path: string, init: object) => Promise<{ data?: unknown; response: Response }>
      const file = await take(get(path, { params: { path: values, query: { ...query, format } }, parseAs: 'blob' }))
      if (file instanceof Blob) saveFile(file, `${name}.${format}`)
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
          {t('parts.export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void load('csv')}>CSV</Menu.Item>
        <Menu.Item onClick={() => void load('jsonl')}>JSON Lines</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
