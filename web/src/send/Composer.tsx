// The text with what it costs: characters that cost are marked in the text, and so are the places where parts begin.
import { Button, Checkbox, Group, Input, Text } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { Money, ServerWords } from '../parts/Values'
import { type Costly, piecesOf, type Preview, replaced } from './parts'

type Props = {
  value: string
  onChange: (text: string) => void
  error: ReactNode
  preview: Preview | null
  /** Whether the price is that of a recipient. */
  priced: boolean
  transliterate: boolean
  onTransliterate: (on: boolean) => void
}

export function Composer({ value, onChange, error, preview, priced, transliterate, onTransliterate }: Props): ReactNode {
  const t = useT()
  const id = useId()
  const costly = preview?.costly ?? []
  return (
    <Input.Wrapper label={t('send.text')} labelProps={{ htmlFor: id }} error={error} errorProps={{ id: `${id}-error` }}>
      <div className="o-composer" data-error={error !== null}>
        <div className="o-composer-marks" aria-hidden="true" dir="auto">
          {piecesOf(value, preview?.encoding ?? null, costly).map((piece, place) => (
            <span key={place} data-begins={piece.begins ?? undefined} data-why={piece.costly?.why}>
              {piece.text}
            </span>
          ))}
          {'\u200B'}
        </div>
        <textarea
          id={id}
          name="text"
          data-field="text"
          dir="auto"
          value={value}
          maxLength={20_000}
          aria-invalid={error !== null}
          aria-describedby={`${id}-count${error === null ? '' : ` ${id}-error`}`}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      </div>
      <Sum id={`${id}-count`} preview={preview} priced={priced} />
      {costly.length > 0 && <Costs preview={preview} costly={costly} onReplace={(which) => onChange(replaced(value, which))} />}
      {(costly.length > 0 || transliterate) && (
        <Checkbox mt="xs" size="sm" label={t('send.transliterate')} checked={transliterate} onChange={(event) => onTransliterate(event.currentTarget.checked)} />
      )}
    </Input.Wrapper>
  )
}

const ROOM: Record<string, [one: number, part: number]> = { gsm7: [160, 153], ucs2: [70, 67] }

/** What the text comes to: segments, characters, encoding, price. */
export function Sum({ id, preview, priced }: { id: string; preview: Preview | null; priced: boolean }): ReactNode {
  const t = useT()
  const format = useFormat()
  if (preview === null || preview.segments === null || preview.encoding === null) {
    return (
      <Text id={id} size="sm" c="dimmed" mt={4}>
        {t('send.empty')}
      </Text>
    )
  }
  const [one = 0, part = 0] = ROOM[preview.encoding] ?? []
  return (
    <div id={id} className="o-sum" role="status">
      <strong>{t('send.segments', { count: preview.segments })}</strong>
      <span>{t('send.characters', { number: format.number(preview.characters ?? 0) })}</span>
      <span>
        <bdi dir="ltr">{preview.encoding === 'gsm7' ? 'GSM-7' : preview.encoding === 'ucs2' ? 'UCS-2' : preview.encoding}</bdi>
        {part > 0 && ` (${t('send.room', { number: format.number(preview.segments > 1 ? part : one) })})`}
      </span>
      {priced && preview.price !== null && preview.currency !== null && <strong><Money amount={preview.price} currency={preview.currency} /></strong>}
      {preview.missing_registration.length > 0 && (
        <span>
          <Icon name="alert" size={14} /> {t('send.missingRegistration', { ids: preview.missing_registration.join(', ') })}
        </span>
      )}
    </div>
  )
}

function Costs({ preview, costly, onReplace }: { preview: Preview | null; costly: readonly Costly[]; onReplace: (which: readonly Costly[]) => void }): ReactNode {
  const t = useT()
  const segments = preview?.segments ?? 0
  const less = preview?.if_transliterated?.segments ?? segments
  const alike = costly.filter((each) => each.look_alike !== null)
  return (
    <div className="o-costs">
      {less < segments && alike.length > 0 && (
        <Group gap="xs">
          <Icon name="alert" size={16} />
          <Text size="sm">{t('send.saves', { now: segments, then: less })}</Text>
          <Button size="compact-sm" variant="default" onClick={() => onReplace(alike)}>
            {t('send.replaceAll')}
          </Button>
        </Group>
      )}
      <ul>
        {costly.slice(0, 8).map((each) => (
          <li key={each.code_point}>
            <mark data-why={each.why}>
              <bdi>{each.character.trim() === '' ? each.code_point : each.character}</bdi>
            </mark>{' '}
            <span className="o-absent">
              <ServerWords>{each.name.toLowerCase()}</ServerWords> · {t(`send.why.${each.why}`)}
            </span>{' '}
            {each.look_alike !== null && (
              <Button size="compact-xs" variant="default" onClick={() => onReplace([each])}>
                {each.look_alike === '' ? t('send.leaveOut') : t('send.use', { character: each.look_alike })}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
