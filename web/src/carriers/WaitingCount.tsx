// How many messages wait for a carrier, counted where the node has none of them at hand: a paused carrier leaves them in
// the database. The number leads to the list that it counts. Who may not count them reads that there are some.
import { type ReactNode, useState } from 'react'
import { useMay, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { useCounts, useCountText } from '../messages/Views'
import { EVERY, type MessagesSearch } from '../messages/shape'
import { TextLink } from '../parts/Link'
import { Count } from '../parts/Values'
import type { LiveCarrier } from './carrier'

const EVERY_MS = 30_000

export function WaitingCount({ carrier }: { carrier: LiveCarrier }): ReactNode {
  const t = useT()
  const { operator } = useMe()
  const may = useMay('GET /v1/accounts') && operator
  const [anchor] = useState(() => Date.now())
  const search: MessagesSearch = { carrier: carrier.name, status: ['queued'], account_id: EVERY }
  const { queue } = carrier
  const stored = queue?.more === true
  const { data } = useCounts(search, anchor, { every: EVERY_MS, enabled: stored && may })
  const counted = useCountText()
  if (queue === null) return '–'
  if (!stored) return <Count value={queue.waiting} />
  if (data === undefined) return queue.waiting === 0 ? t('carriers.some') : <><Count value={queue.waiting} />+</>
  return <TextLink to="/messages" search={search}><bdi>{counted(data)}</bdi></TextLink>
}
