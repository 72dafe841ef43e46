// In place of a page that one may not see: it needs the live mode, or a right that the role lacks. Few see it, so it is
// no part of the first load.
import type { ReactNode } from 'react'
import type { Refused as Why } from '../app/session'
import { PlaceHead } from '../parts/FoundPage'
import { Forbidden } from '../parts/States'
import { NeedsLive } from './NeedsLive'

export function Refused({ refused }: { refused: NonNullable<Why> }): ReactNode {
  return (
    <>
      <PlaceHead />
      {refused.why === 'mode' ? <NeedsLive /> : <Forbidden scope={refused.scope} />}
    </>
  )
}
