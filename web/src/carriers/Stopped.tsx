// Why a carrier is paused or drains, who did it, and until when.
import type { ReactNode } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Who } from '../parts/Named'
import { useList } from '../parts/useList'
import { Time, Words } from '../parts/Values'
import type { LiveCarrier } from './carrier'

/** The pauses of carriers, for who may see them. */
export function usePauses() {
  return useList('/v1/pauses', { kind: 'carrier', limit: 100 }, { enabled: useMay('GET /v1/pauses') })
}

export function Stopped({ carrier }: { carrier: LiveCarrier }): ReactNode {
  return carrier.paused === null ? null : <Why carrier={carrier} />
}

function Why({ carrier }: { carrier: LiveCarrier }): ReactNode {
  const t = useT()
  const { rows } = usePauses()
  const pause = rows.find(({ subject, value }) => subject === carrier.id || value === carrier.name)
  if (pause === undefined) return null
  return (
    <p className="o-carrier-stopped">
      {pause.reason === null ? t('carriers.noReason') : <Words>{pause.reason}</Words>}{' '}
      <small>
        <span className="o-carrier-who"><Who who={pause.made_by} /></span> · <Time at={pause.created_at} /> · {pause.ends_at === null ? t('carriers.untilResumed') : <>{t('carriers.until')} <Time at={pause.ends_at} as="short" /></>}
      </small>
    </p>
  )
}
