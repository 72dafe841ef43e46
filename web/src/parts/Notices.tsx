// Short notices at the edge of the page: what was done, and what was refused, each with its request's id.
import { CloseButton, Group, Paper, Stack, Text } from '@mantine/core'
import { type ReactNode, useSyncExternalStore } from 'react'
import { isRefusal, type Refusal } from '../api/problem'
import type { Dropped } from '../app/search'
import { t as say, useT } from '../i18n/i18n'
import { Icon } from './Icon'
import { ServerWords } from './Ident'
import { RefusalText } from './RefusalText'

type Notice = { id: number; tone: 'good' | 'warn' | 'bad'; text: string; /** What the API said of it. */ detail?: string; refusal: Refusal | null }

let shown: readonly Notice[] = []
let next = 1
const listeners = new Set<() => void>()
const LASTS_MS = 6_000

function change(to: readonly Notice[]): void {
  shown = to
  for (const listener of listeners) listener()
}

const add = (notice: Omit<Notice, 'id'>): void => {
  const id = next++
  change([...shown.slice(-4), { id, ...notice }])
  // What was refused or dropped stays until it is closed.
  if (notice.tone === 'good') setTimeout(() => remove(id), LASTS_MS)
}

const remove = (id: number): void => change(shown.filter((notice) => notice.id !== id))

/** Say that something was done. */
export const notify = (text: string): void => add({ tone: 'good', text, refusal: null })

/** Say that something was refused or failed. */
export function notifyRefusal(error: unknown): void {
  if (isRefusal(error)) add({ tone: 'bad', text: '', refusal: error })
  else throw error
}

/** Say that a filter of the URL was dropped, and why. Its words are isolated, so that they keep their direction. */
export function notifyDropped({ name, value }: Dropped, detail?: string): void {
  const text = value === undefined ? say('parts.filterUnknown', { name: isolated(name) }) : say('parts.filterDropped', { name: isolated(name), value: isolated(value) })
  if (!shown.some((notice) => notice.text === text)) add({ tone: 'warn', text, detail, refusal: null })
}

const isolated = (word: string): string => `\u2068${word.length > 60 ? `${word.slice(0, 60)}…` : word}\u2069`

export function Notices(): ReactNode {
  const t = useT()
  const notices = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => shown,
  )
  return (
    <section className="o-notices" aria-label={t('parts.notices')} aria-live="polite">
      {notices.map(({ id, tone, text, detail, refusal }) => (
        <Paper key={id} withBorder shadow="md" p="sm" className="o-notice" data-tone={tone}>
          <Group wrap="nowrap" align="flex-start" gap="xs">
            <Icon name={tone === 'good' ? 'check' : tone === 'warn' ? 'filter' : 'alert'} />
            <Stack gap={2} flex={1}>
              {refusal === null ? <Text>{text}</Text> : <RefusalText refusal={refusal} />}
              {detail !== undefined && <Text size="sm" c="dimmed"><ServerWords>{detail}</ServerWords></Text>}
            </Stack>
            <CloseButton aria-label={t('parts.close')} onClick={() => remove(id)} size={24} />
          </Group>
        </Paper>
      ))}
    </section>
  )
}
