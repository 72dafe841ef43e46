// What can be done with the selected messages, one by one. It stays in sight while one scrolls.
import { Button } from '@mantine/core'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { needTexts, useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { Icon } from '../parts/Icon'
import type { Deed } from './SelectedDialog'

const SelectedDialog = lazy(async () => {
  const [{ SelectedDialog: component }] = await Promise.all([import('./SelectedDialog'), needTexts('desk')])
  return { default: component }
})

type Props = { keys: ReadonlySet<string>; onChange: (keys: ReadonlySet<string>) => void }

export function SelectedBar({ keys, onChange }: Props): ReactNode {
  const t = useT()
  const [deed, setDeed] = useState<Deed | null>(null)
  return (
    <>
      {keys.size > 0 && (
        <section className="o-selected" aria-label={t('messages.selection')}>
          <span role="status">{t('messages.selected', { count: keys.size })}</span>
          <Act calls="POST /v1/messages/{id}/cancel" size="xs" color="red.9" leftSection={<Icon name="stop" size={14} />} onClick={() => setDeed('cancel')}>
            {t('messages.selected.cancel')}
          </Act>
          <Act calls="POST /v1/messages/{id}/redact" size="xs" variant="default" leftSection={<Icon name="trash" size={14} />} onClick={() => setDeed('redact')}>
            {t('messages.redact')}
          </Act>
          <Button variant="subtle" size="xs" onClick={() => onChange(new Set())}>
            {t('messages.selected.clear')}
          </Button>
        </section>
      )}
      <Suspense>{deed !== null && <SelectedDialog deed={deed} ids={[...keys]} onClose={() => setDeed(null)} onDone={(left) => onChange(new Set(left))} />}</Suspense>
    </>
  )
}
