// Something secret, shown this once. The dialog closes once the person says that it is stored.
import { Button, Checkbox, Code, Group, Stack } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useUnsaved } from '../app/unsaved'
import { useT } from '../i18n/i18n'
import { Copy } from './Copy'
import { Dialog } from './Dialog'

/** `stored` are the words to agree to. */
type Props = { title: string; stored: string; size?: 'lg'; onClose: () => void; children: ReactNode }

export function StoredDialog({ title, stored, size, onClose, children }: Props): ReactNode {
  const t = useT()
  const [agreed, setAgreed] = useState(false)
  useUnsaved(!agreed)
  return (
    <Dialog onClose={() => agreed && onClose()} withCloseButton={false} closeOnClickOutside={false} title={title} centered size={size}>
      <Stack>
        {children}
        <Checkbox label={stored} checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
        <Group justify="flex-end">
          <Button disabled={!agreed} onClick={onClose}>
            {t('parts.done')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

/** A secret to copy. `what` is the word for it: "Key", "Password". */
export function Secret({ what, secret }: { what: string; secret: string }): ReactNode {
  return (
    <Group wrap="nowrap" align="center">
      <Code block dir="ltr" flex={1} miw={0} data-secret tabIndex={0}>
        {secret}
      </Code>
      <Copy value={secret} what={what} withText />
    </Group>
  )
}
