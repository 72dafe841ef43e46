// What a route says, in words: its filters as tokens, and its carriers with their shares.
import type { ReactNode } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { TextLink } from '../parts/Link'
import { StatusBadge } from '../parts/StatusBadge'
import { Ident } from '../parts/Values'
import { type Match, type Route, sharesOf, tokensOf } from './route'

export function RouteState({ enabled }: { enabled: boolean }): ReactNode {
  const t = useT()
  return enabled ? <StatusBadge tone="good">{t('routing.on')}</StatusBadge> : <StatusBadge tone="quiet" icon="stop">{t('routing.off')}</StatusBadge>
}

export function Tokens({ match }: { match: Match }): ReactNode {
  const t = useT()
  const tokens = tokensOf(match)
  if (tokens.length === 0) return t('routing.everything')
  return (
    <ul className="o-match">
      {tokens.map(({ kind, values }) => (
        <li key={kind}>
          <span>{t(`routing.filter.${kind}`)}</span> <Ident>{values.join(', ')}</Ident>
        </li>
      ))}
    </ul>
  )
}

/** The carriers with their shares, as words and as bars; what comes later stands below. `links`: each leads to its page, for who may see that. */
export function Shares({ carriers, links = false }: { carriers: Route['carriers']; links?: boolean }): ReactNode {
  const t = useT()
  const format = useFormat()
  const may = useMay('GET /v1/carrier-states')
  return (
    <ol className="o-shares">
      {sharesOf(carriers).map(({ carrier, sender, share, order }) => (
        <li key={`${order} ${carrier}`} value={order}>
          {links && may ? <TextLink to="/carriers/$id" params={{ id: carrier }}><bdi dir="auto">{carrier}</bdi></TextLink> : <bdi dir="auto">{carrier}</bdi>} {share !== null && <bdi dir="ltr">{format.percent(share)}</bdi>}
          {sender !== null && (
            <small>
              {' '}
              {t('routing.asSender')} <bdi dir="auto">{sender}</bdi>
            </small>
          )}
          {share !== null && <span className="o-share" aria-hidden="true" style={{ inlineSize: `${share * 100}%` }} />}
        </li>
      ))}
    </ol>
  )
}
