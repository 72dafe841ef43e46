// The binds of a carrier over SMPP, each with its window and what is wrong with it.
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { StatusBadge } from '../parts/StatusBadge'
import { Ident, ServerWords, Time } from '../parts/Values'
import type { LiveBind, LiveCarrier } from './carrier'

export function Binds({ carrier }: { carrier: LiveCarrier }): ReactNode {
  const t = useT()
  const format = useFormat()
  return (
    <section aria-labelledby="binds">
      <h2 id="binds">{t('carriers.binds')}</h2>
      <div className="o-table-frame" tabIndex={0} role="region" aria-labelledby="binds">
        <table className="o-table">
          <thead>
            <tr>
              <th scope="col">{t('carriers.bind')}</th>
              <th scope="col">{t('carriers.state')}</th>
              <th scope="col">{t('carriers.since')}</th>
              <th scope="col">{t('carriers.window')}</th>
              <th scope="col">{t('carriers.lastError')}</th>
            </tr>
          </thead>
          <tbody>
            {carrier.binds.map((bind) => (
              <tr key={bind.name}>
                <th scope="row">
                  <Ident>{bind.name}</Ident> <Ident>{bind.type}</Ident>
                </th>
                <td>
                  <BindState bind={bind} />
                </td>
                <td>
                  <Time at={bind.since} />
                </td>
                <td>
                  <bdi dir="ltr">{`${format.number(bind.in_flight)} / ${format.number(bind.window)}`}</bdi>
                </td>
                <td>{bind.last_error === null ? '–' : <ServerWords>{bind.last_error}</ServerWords>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function BindState({ bind }: { bind: LiveBind }): ReactNode {
  const t = useT()
  if (!bind.bound) return <StatusBadge tone="bad">{t('carriers.unbound')}</StatusBadge>
  if (bind.paused) return <StatusBadge tone="warn" icon="pause">{t('carriers.health.pause')}</StatusBadge>
  return <StatusBadge tone="good">{t('carriers.bound')}</StatusBadge>
}
