// The message as a handset shows it, before it is sent; and whose handset that will be.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { PhoneNumber } from '../parts/Values'

type Props = { from: string | null; text: string; parts: number; flash: boolean; /** What kind of handset it goes to; null says nothing. */ to: 'real' | 'simulated' | null }

export function Handset({ from, text, parts, flash, to }: Props): ReactNode {
  const t = useT()
  return (
    <figure className="o-handset" aria-label={t('send.handset')}>
      <div className="o-handset-head">{from === null || from === '' ? t('send.yourSender') : <PhoneNumber value={from} />}</div>
      <div className="o-handset-screen">
        {text === '' ? (
          <span className="o-absent">{t('send.handsetEmpty')}</span>
        ) : (
          <div className="o-bubble" data-flash={flash} dir="auto">
            {linked(text)}
          </div>
        )}
        {parts > 1 && <span className="o-absent">{t('send.joined', { count: parts })}</span>}
        {flash && <span className="o-absent">{t('send.flashAbout')}</span>}
      </div>
      {to !== null && <figcaption className="o-handset-about">{to === 'real' ? t('send.previewLive') : t('send.previewTest')}</figcaption>}
    </figure>
  )
}

/** Links as a handset marks them. They lead nowhere here. */
function linked(text: string): ReactNode {
  return text.split(/(https?:\/\/\S+)/).map((piece, place) => (place % 2 === 1 ? <u key={place}>{piece}</u> : piece))
}
