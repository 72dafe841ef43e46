// An action on the selected messages: the number to type, how far it is, and what was skipped and why.
//
// Rules kept here:
// - each message is a call of its own, so that who may change one message may change several;
// - what was skipped or not reached stays selected.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useRef, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMe } from '../app/session'
import { useReasonWords } from '../desk/Skipped'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { Count } from '../parts/Values'
import { byReason, eachOf, isNumber, type Outcome } from './bulk'
import { COUNTS, MESSAGES } from './message'

export type Deed = 'cancel' | 'redact'
type Props = { deed: Deed; ids: string[]; onClose: () => void; onDone: (left: string[]) => void }

export function SelectedDialog({ deed, ids: given, onClose, onDone }: Props): ReactNode {
  const t = useT()
  const format = useFormat()
  const me = useMe()
  const api = useApi()
  const queries = useQueryClient()
  const [ids] = useState(given) // the selection changes once it is done
  const [typed, setTyped] = useState('')
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [busy, setBusy] = useState(false)
  const stop = useRef(new AbortController())
  const count = ids.length
  const ready = count === 1 || isNumber(typed, count)

  const run = async (): Promise<void> => {
    if (!ready || busy || outcome !== null) return
    setBusy(true)
    setOutcome({ done: [], skipped: [] })
    const act = (id: string): Promise<unknown> => take(api.POST(`/v1/messages/{id}/${deed}`, { params: { path: { id } } }))
    try {
      const { done } = await eachOf(ids, act, setOutcome, stop.current.signal)
      onDone(ids.filter((id) => !done.includes(id)))
    } finally {
      setBusy(false)
      for (const key of [MESSAGES, COUNTS]) void queries.invalidateQueries({ queryKey: [key] })
    }
  }

  return (
    <Dialog onClose={() => !busy && onClose()} title={t(`messages.selected.${deed}Title`, { count })} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <Stack>
          {outcome === null ? (
            <>
              <Text>{t(`messages.selected.${deed}About`)}</Text>
              <Text size="sm" c="dimmed">
                <Icon name={me.mode === 'test' ? 'flask' : 'tower'} size={14} />{' '}
                {me.mode === 'test' ? t('parts.inTest', { account: me.account_name }) : t('parts.inLive', { account: me.account_name })}
              </Text>
              {count > 1 && (
                <TextInput label={t('parts.typeToConfirm', { text: format.number(count) })} value={typed} inputMode="numeric" autoComplete="off" dir="ltr" data-autofocus onChange={(event) => setTyped(event.currentTarget.value)} />
              )}
            </>
          ) : (
            <Result outcome={outcome} total={count} />
          )}
          <Group justify="flex-end">
            {outcome === null ? (
              <>
                <Button variant="default" onClick={onClose}>
                  {t('parts.cancel')}
                </Button>
                <Button type="submit" color="red.9" disabled={!ready}>
                  {t(deed === 'cancel' ? 'messages.bulk.do.cancel' : 'messages.selected.do.redact', { count })}
                </Button>
              </>
            ) : busy ? (
              <Button color="red.9" onClick={() => stop.current.abort()}>
                {t('desk.stop')}
              </Button>
            ) : (
              <Button onClick={onClose} data-autofocus>
                {t('parts.done')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

function Result({ outcome: { done, skipped }, total }: { outcome: Outcome; total: number }): ReactNode {
  const t = useT()
  const format = useFormat()
  const words = useReasonWords()
  return (
    <>
      <Text role="status">
        {t('desk.progress', { done: format.number(done.length), total: format.number(total) })}
        {skipped.length > 0 && ` · ${t('desk.left', { count: skipped.length })}`}
      </Text>
      {skipped.length > 0 && (
        <section aria-labelledby="selected-reasons">
          <h3 className="o-section" id="selected-reasons">
            {t('messages.bulk.reasons')}
          </h3>
          <ul className="o-bulk-sample">
            {byReason(skipped).map(([reason, count]) => (
              <li key={reason}>
                <Count value={count} /> · {words(reason)}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
