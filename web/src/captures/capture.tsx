// What several pages say of a capture: what it covers, its state, its size.
import type { ReactNode } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { IdLink } from '../parts/IdLink'
import { Named, useName } from '../parts/Named'
import { StatusBadge } from '../parts/StatusBadge'
import { Ident, ServerWords, Time } from '../parts/Values'

export type Capture = components['schemas']['CaptureView']
export type Pdu = components['schemas']['CapturedPdu']
export type Decoded = components['schemas']['DecodedPdu']
export type Why = Pdu['masked'][number]

export const CAPTURES = '/v1/captures'
export const PDUS = '/v1/captures/{id}/pdus'

/** How often a capture that runs is read again. */
export const EVERY_MS = 2_000

/** `plain`: within a link, where no other link may be. */
export function Subject({ capture, plain = false }: { capture: Capture; plain?: boolean }): ReactNode {
  const t = useT()
  const { carrier, bind, credential, message_id: message } = capture
  const name = useName(credential ?? '')
  if (carrier !== null) {
    return (
      <>
        {t('captures.ofCarrier')} <bdi dir="auto">{carrier}</bdi>
        {bind !== null && <> · {t('captures.bind')} <Ident>{bind}</Ident></>}
      </>
    )
  }
  if (credential !== null) return <>{t('captures.ofCredential')} {plain ? <bdi dir="auto" title={credential}>{name ?? credential}</bdi> : <Named id={credential} name={name} />}</>
  return <>{t('captures.ofMessage')} {plain ? <Ident>{message ?? ''}</Ident> : <IdLink id={message ?? ''} />}</>
}

/** The same as a text, for headings and labels. */
export const subjectOf = ({ carrier, bind, credential, message_id: message }: Capture): string =>
  carrier !== null ? `${carrier}${bind === null ? '' : ` · ${bind}`}` : (credential ?? message ?? '')

/** The same with the name of a credential, once it is known. */
export function useSubject(capture: Capture): string {
  return useName(capture.credential ?? '') ?? subjectOf(capture)
}

export function CaptureState({ capture }: { capture: Capture }): ReactNode {
  const t = useT()
  if (capture.status === 'running') {
    return (
      <>
        <StatusBadge tone="good" icon="live">{t('captures.running')}</StatusBadge> <span className="o-capture-more">{t('captures.until')} <Time at={capture.ends_at} as="short" /></span>
      </>
    )
  }
  return (
    <>
      <StatusBadge tone="quiet" icon="stop">{t('captures.stopped')}</StatusBadge>
      {capture.reason !== null && <span className="o-capture-more"> <ServerWords>{capture.reason}</ServerWords></span>}
    </>
  )
}

/** `12 kB`, in the person's language. */
export function Size({ bytes }: { bytes: number }): ReactNode {
  const format = useFormat()
  return <bdi>{format.size(bytes)}</bdi>
}

