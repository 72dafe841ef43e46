// Why one may not do something: it needs the live mode, or a right that one's role lacks, and whom one asks for that.
import type { ReactNode } from 'react'
import type { Refused } from '../app/session'
import { useT } from '../i18n/i18n'
import { WhomToAsk } from './WhomToAsk'

export function WhyNot({ refused }: { refused: NonNullable<Refused> }): ReactNode {
  const t = useT()
  if (refused.why === 'mode') return t('parts.needsLive')
  return (
    <>
      {t('parts.needsScope', { scope: refused.scope })} <WhomToAsk scope={refused.scope} />
    </>
  )
}
