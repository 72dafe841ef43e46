// Whether the list is live, and what waits to be shown.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { StatusBadge } from '../parts/StatusBadge'
import { Time } from '../parts/Values'
import type { Live } from './live'

export function LiveState({ live, readAt }: { live: Live; readAt: number }): ReactNode {
  const t = useT()
  const { state, since } = live.feed
  return (
    <span className="o-live">
      {state === 'live' && <StatusBadge tone="good" icon="live">{t('messages.live')}</StatusBadge>}
      {state === 'connecting' && (
        <StatusBadge tone="warn" icon="refresh">
          {t('messages.connecting')} <Time at={new Date(since).toISOString()} />
        </StatusBadge>
      )}
      {state === 'off' && <StatusBadge tone="quiet" icon="pause">{t('messages.notLive')}</StatusBadge>}
      {/* Before the first answer it has its width, but cannot be seen. */}
      <span className="o-absent" style={readAt > 0 ? undefined : { visibility: 'hidden' }}>
        {t('messages.readAt')} <Time at={new Date(readAt || since).toISOString()} as="short" />
      </span>
    </span>
  )
}

export function NewBar({ live }: { live: Live }): ReactNode {
  const t = useT()
  const format = useFormat()
  return (
    <div className="o-new" role="status">
      {live.waiting > 0 && (
        <Button size="xs" radius="xl" leftSection={<Icon name="refresh" size={14} />} onClick={live.show}>
          {t('messages.new', { number: format.number(live.waiting) })}
        </Button>
      )}
    </div>
  )
}
