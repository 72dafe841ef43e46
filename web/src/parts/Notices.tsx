// Short notices at the edge of the page: what was done, and what was refused, each with its request's id.
import { CloseButton, Group, Paper, Stack } from '@mantine/core'
import { type ReactNode, useSyncExternalStore } from 'react'
import { isRefusal, type Refusal } from '../api/problem'
import { useT } from '../i18n/i18n'
import { Icon } from './Icon'
import { RefusalText } from './RefusalText'
import { Text } from '@mantine/core'

type Notice = { id: number; text: string; refusal: Refusal | null }

let shown: readonly Notice[] = []
let next = 1
const listeners = new Set<() => void>()
const LASTS_MS = 6_000

function change(to: readonly Notice[]): void {
  shown = to
  for (const listener of listeners) listener()
}

const add = (text: string, refusal: Refusal | null): void => {
  const id = next++
  change([...shown.slice(-4), { id, text, refusal }])
  // What was refused stays until it is closed.
  if (refusal === null) setTimeout(() => remove(id), LASTS_MS)
}

const remove = (id: number): void => change(shown.filter((notice) => notice.id !== id))

/** Say that something was done. */
export const notify = (text: string): void => add(text, null)

/** Say that something was refused or failed. */
export function notifyRefusal(error: unknown): void {
  if (isRefusal(error)) add('', error)
  else throw error
}

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
      {notices.map(({ id, text, refusal }) => (
        <Paper key={id} withBorder shadow="md" p="sm" className="o-notice" data-tone={refusal ? 'bad' : 'good'}>
          <Group wrap="nowrap" align="flex-start" gap="xs">
            <Icon name={refusal ? 'alert' : 'check'} />
            <Stack gap={2} flex={1}>
              {refusal === null ? <Text>{text}</Text> : <RefusalText refusal={refusal} />}
            </Stack>
            <CloseButton aria-label={t('parts.close')} onClick={() => remove(id)} size={24} />
          </Group>
        </Paper>
      ))}
    </section>
  )
}
