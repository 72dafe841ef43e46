// A PDU taken apart: each field with its value and meaning, and beside it the octets. A field and its octets light up
// together, by mouse and by keyboard.
import { Button, CloseButton, Group, Text } from '@mantine/core'
import { type ReactNode, useMemo, useState } from 'react'
import { useT } from '../i18n/i18n'
import { Copy } from '../parts/Copy'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { TextLink } from '../parts/Link'
import { Ident, ServerWords, Time } from '../parts/Values'
import type { Decoded, Why } from './capture'
import { linesOf, offsetOf } from './octets'
import { BindOf, Command, Status } from './pdu'

const WIDTH = 8
/** So many octets are shown at once: a long text would be thousands of lines. */
const MOST = 2048

export function PduView({ pdu, onClose }: { pdu: Decoded; onClose?: () => void }): ReactNode {
  const t = useT()
  const format = useFormat()
  // The field under the mouse or with the focus.
  const [lit, setLit] = useState<number | null>(null)
  return (
    <div className="o-pdu">
      <header className="o-pdu-head">
        <div>
          <h2>
            <bdi dir="ltr">#{pdu.number}</bdi> <Command pdu={pdu} /> {pdu.status !== null && <Status pdu={pdu} />}
          </h2>
          <Text size="sm" c="dimmed">
            <Time at={pdu.at} as="absolute" /> · {pdu.direction === 'out' ? t('captures.out') : t('captures.in')} · <BindOf pdu={pdu} /> · {t('captures.octets', { count: pdu.length })}
          </Text>
          {pdu.pair !== null && (
            <TextLink size="sm" from="/captures/$id" to="/captures/$id" params={(before) => before} search={(before) => ({ ...before, pdu: pdu.pair ?? undefined })} resetScroll={false}>
              <Icon name="flow" size={14} /> {pdu.pair < pdu.number ? t('captures.toRequest', { number: pdu.pair }) : t('captures.toAnswer', { number: pdu.pair })}
              {pdu.pair_ms !== null && ` · ${format.duration(pdu.pair_ms)}`}
            </TextLink>
          )}
        </div>
        {onClose !== undefined && <CloseButton aria-label={t('parts.close')} onClick={onClose} />}
      </header>
      {pdu.problem !== null && (
        <p className="o-pdu-broken" role="note">
          <Icon name="alert" size={14} /> {t('captures.broken')} <ServerWords>{pdu.problem}</ServerWords>
        </p>
      )}
      {pdu.masked.map((why) => (
        <p key={why} className="o-pdu-masked">
          <Icon name="lock" size={14} /> {t(`captures.why.${why}`)}
        </p>
      ))}
      <div className="o-pdu-parts" onPointerLeave={() => setLit(null)}>
        <Fields pdu={pdu} lit={lit} onLit={setLit} />
        <Octets pdu={pdu} lit={lit} onLit={setLit} />
      </div>
    </div>
  )
}

type Props = { pdu: Decoded; lit: number | null; onLit: (field: number | null) => void }

function Fields({ pdu, lit, onLit }: Props): ReactNode {
  const t = useT()
  return (
    <ol className="o-pdu-fields" aria-label={t('captures.fields')}>
      {pdu.fields.map((field, place) => (
        <li key={field.start} className="o-pdu-field" data-kind={field.kind} data-lit={lit === place} tabIndex={0} onFocus={() => onLit(place)} onBlur={() => onLit(null)} onPointerEnter={() => onLit(place)}>
          <span className="o-pdu-name">
            <Ident>{field.name}</Ident>
            {field.tag !== null && <small>{`0x${field.tag.toString(16).padStart(4, '0').toUpperCase()}`}</small>}
          </span>
          <span className="o-pdu-value">
            {field.value === null ? <Masked why={field.masked} /> : <bdi dir="auto">{field.value}</bdi>}
            {field.meaning !== null && (
              <small>
                <ServerWords>{field.meaning}</ServerWords>
              </small>
            )}
            {field.value !== null && field.masked !== null && (
              <small>
                <Masked why={field.masked} />
              </small>
            )}
            <span className="o-visually-hidden">{t('captures.range', { start: field.start, end: field.end - 1 })}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

function Masked({ why }: { why: Why | null }): ReactNode {
  const t = useT()
  return (
    <span className="o-pdu-cover">
      <Icon name="lock" size={12} /> {t(`captures.masked.${why ?? 'text'}`)}
    </span>
  )
}

function Octets({ pdu, lit, onLit }: Props): ReactNode {
  const t = useT()
  const [all, setAll] = useState(false)
  const whole = all || pdu.octets.length / 2 <= MOST
  const lines = useMemo(() => linesOf(whole ? pdu.octets : pdu.octets.slice(0, 2 * MOST), pdu.fields, pdu.masks, WIDTH), [whole, pdu])
  return (
    <div className="o-octets">
      <Group justify="space-between" mb={4}>
        <h3>{t('captures.hex')}</h3>
        <Copy value={pdu.octets} what={t('captures.hex')} />
      </Group>
      <div className="o-octets-frame" role="region" aria-label={t('captures.hex')} tabIndex={0}>
        {lines.map(({ offset, runs }) => (
          <div key={offset} className="o-octets-line">
            <span className="o-octets-offset">{offsetOf(offset)}</span>
            <span className="o-octets-hex">
              {runs.map((run) => (
                <span key={run.start} data-lit={run.field >= 0 && run.field === lit} data-masked={run.masked} onPointerEnter={() => onLit(run.field < 0 ? null : run.field)}>
                  {run.hex}
                </span>
              ))}
            </span>
            <span className="o-octets-text" aria-hidden="true">
              {runs.map((run) => (
                <span key={run.start} data-lit={run.field >= 0 && run.field === lit}>
                  {run.text}
                </span>
              ))}
            </span>
          </div>
        ))}
      </div>
      {!whole && (
        <Button mt="xs" size="xs" variant="default" onClick={() => setAll(true)}>
          {t('captures.allOctets', { count: pdu.length })}
        </Button>
      )}
    </div>
  )
}
