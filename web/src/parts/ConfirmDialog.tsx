// Asks before something that does not come back. What concerns many things, or live traffic, wants their number typed.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { isRefusal, type Refusal } from '../api/problem'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from './Dialog'
import { Icon } from './Icon'
import { RefusalText } from './RefusalText'

type Props = {
  title: string
  /** What happens, in a sentence or two. */
  children: ReactNode
  /** The word of the button: what is done, not "OK". */
  action: string
  /** What the person types to confirm: a number, or a name. */
  typed?: string
  onClose: () => void
  /** The dialog closes once this is done; what it refuses is shown in the dialog. */
  onConfirm: () => Promise<unknown>
}

export function ConfirmDialog({ title, children, action, typed, onClose, onConfirm }: Props): ReactNode {
  const t = useT()
  const me = useMe()
  const [given, setGiven] = useState('')
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const ready = typed === undefined || given.trim() === typed

  const confirm = async (): Promise<void> => {
    if (!ready || busy) return
    setBusy(true)
    setRefusal(null)
    try {
      await onConfirm()
      onClose()
    } catch (error) {
      if (!isRefusal(error)) throw error
      setRefusal(error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog onClose={onClose} title={title} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void confirm()
        }}
      >
        <Stack>
          <div>{children}</div>
          <Text size="sm" c="dimmed">
            <Icon name={me.mode === 'test' ? 'flask' : 'tower'} size={14} />{' '}
            {me.mode === 'test' ? t('parts.inTest', { account: me.account_name }) : t('parts.inLive', { account: me.account_name })}
          </Text>
          {typed !== undefined && (
            <TextInput
              label={t('parts.typeToConfirm', { text: typed })}
              value={given}
              autoComplete="off"
              data-autofocus
              dir="ltr"
              onChange={(event) => setGiven(event.currentTarget.value)}
            />
          )}
          {refusal !== null && (
            <div role="alert" className="o-refused">
              <RefusalText refusal={refusal} />
            </div>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('parts.cancel')}
            </Button>
            <Button type="submit" color="red.9" loading={busy} disabled={!ready}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
