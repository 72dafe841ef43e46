// What the list of PDUs and a single one both show: the command with its direction, the status, whose bind it was.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { StatusBadge } from '../parts/StatusBadge'
import { Ident } from '../parts/Values'
import type { Pdu } from './capture'

/** An arrow says who sent it; a word says the same. */
export function Command({ pdu }: { pdu: Pick<Pdu, 'command' | 'direction' | 'problem'> }): ReactNode {
  const t = useT()
  const out = pdu.direction === 'out'
  return (
    <span className="o-pdu-command">
      <span className="o-pdu-way" data-way={out ? 'out' : 'in'} title={out ? t('captures.out') : t('captures.in')}>
        <Icon name={out ? 'up' : 'down'} size={14} />
        <span className="o-visually-hidden">{out ? t('captures.out') : t('captures.in')}</span>
      </span>{' '}
      <Ident>{pdu.command}</Ident>
      {pdu.problem !== null && (
        <span className="o-pdu-problem" title={pdu.problem}>
          <Icon name="alert" size={14} />
          <span className="o-visually-hidden">{t('captures.unreadable')}</span>
        </span>
      )}
    </span>
  )
}

export function Status({ pdu }: { pdu: Pick<Pdu, 'status'> }): ReactNode {
  if (pdu.status === null) return '–'
  if (pdu.status === 'ESME_ROK') return <StatusBadge tone="good">OK</StatusBadge>
  return <StatusBadge tone="bad">{pdu.status.replace(/^ESME_/, '')}</StatusBadge>
}

export function BindOf({ pdu }: { pdu: Pick<Pdu, 'carrier' | 'bind' | 'system_id' | 'peer'> }): ReactNode {
  if (pdu.carrier !== null) return <bdi dir="auto">{`${pdu.carrier} · ${pdu.bind}`}</bdi>
  return <Ident>{pdu.system_id ?? pdu.peer}</Ident>
}
