// A link for somebody else, shown this once: no mail server is set, so the person hands it over.
import { Button, Code, Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Copy } from '../parts/Copy'
import { Dialog } from '../parts/Dialog'
import { Time } from '../parts/Values'

export type Link = { what: 'invitation' | 'reset'; email: string; link: string; ends: string }

export function LinkDialog({ shown, onClose }: { shown: Link; onClose: () => void }): ReactNode {
  const t = useT()
  return (
    <Dialog onClose={onClose} closeOnClickOutside={false} title={t(`users.link.${shown.what}`, { email: shown.email })} centered size="lg">
      <Stack>
        <Text>{t('users.linkAbout')}</Text>
        <Group wrap="nowrap" align="center">
          <Code block dir="ltr" flex={1} miw={0} tabIndex={0} data-secret>
            {shown.link}
          </Code>
          <Copy value={shown.link} what={t('users.link')} withText />
        </Group>
        <Text size="sm" c="dimmed">
          {t('users.linkEnds')} <Time at={shown.ends} as="absolute" />
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('parts.done')}</Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
