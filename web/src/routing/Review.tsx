// The last look before routes are changed: what differs, and what the change would have done with the last day's
// messages. If somebody else was faster, it says what they changed, and lets the person choose.
import { Button, Group, Stack, Text } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { isRefusal, type Refusal } from '../api/problem'
import type { Operation } from '../api/scopes'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import type { Request } from '../parts/code'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Dialog } from '../parts/Dialog'
import { Icon } from '../parts/Icon'
import { RefusalText } from '../parts/RefusalText'
import { type Draft, DryRun } from './DryRun'

type Props = {
  title: string
  /** The word of the button that saves, and the operation that it calls. */
  action: string
  calls: Operation
  request: Request
  draft: Draft
  gone?: boolean
  /** What others changed meanwhile, in place of the button. */
  conflict?: Conflicting
  /** The dialog is closed by whoever opened it; what is refused is shown. */
  onSave: () => Promise<unknown>
  onClose: () => void
  children: ReactNode
}

/** Somebody else changed it: what, and whose version goes on. */
export type Conflicting = { about: string; changes: ReactNode; onMine: () => void; onTheirs: () => void }

export function Review({ title, action, calls, request, draft, gone = false, conflict, onSave, onClose, children }: Props): ReactNode {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const foot = useRef<HTMLDivElement>(null)
  const conflicts = conflict !== undefined
  const first = useRef(true)
  useEffect(() => {
    // The button that was pressed is gone: the focus goes to what came in its place.
    if (!first.current) foot.current?.focus()
    first.current = false
  }, [conflicts])
  const save = async (): Promise<void> => {
    setBusy(true)
    setRefusal(null)
    try {
      await onSave()
    } catch (error) {
      if (!isRefusal(error)) throw error
      setRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog onClose={onClose} title={title} size="xl">
      <Stack>
        {children}
        <DryRun draft={draft} />
        {refusal !== null && (
          <div role="alert" className="o-refused">
            <RefusalText refusal={refusal} />
          </div>
        )}
        <div ref={foot} tabIndex={-1} className="o-review-foot">
          {conflict === undefined ? (
            <Group justify="space-between">
              <CopyAsCode request={request} />
              <Group>
                <Button variant="default" onClick={onClose}>{t('parts.cancel')}</Button>
                <Act calls={calls} color={gone ? 'red.9' : undefined} loading={busy} onClick={() => void save()}>{action}</Act>
              </Group>
            </Group>
          ) : (
            <Conflict {...conflict} />
          )}
        </div>
      </Stack>
    </Dialog>
  )
}

function Conflict({ about, changes, onMine, onTheirs }: Conflicting): ReactNode {
  const t = useT()
  return (
    <div role="alert" className="o-refused">
      <Stack gap="sm">
        <Text fw={600}>
          <Icon name="alert" size={16} /> {about}
        </Text>
        {changes}
        <Group>
          <Button variant="default" onClick={onTheirs}>{t('routing.takeTheirs')}</Button>
          <Button onClick={onMine}>{t('routing.keepMine')}</Button>
        </Group>
      </Stack>
    </div>
  )
}
