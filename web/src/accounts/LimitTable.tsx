// Limits with what of them is used: a row for each, with a bar. A limit that is nearly or wholly used says so in words.
import type { ReactNode } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { StatusBadge } from '../parts/StatusBadge'
import { Count, Time } from '../parts/Values'
import { partOf } from './use'
import './accounts.css'

export type LimitUse = components['schemas']['LimitUse']

type Props = { uses: readonly LimitUse[]; label: string; /** Whose a limit is, if they are of several. */ whose?: (use: LimitUse) => string }

export function LimitTable({ uses, label, whose }: Props): ReactNode {
  const t = useT()
  return (
    <div className="o-table-frame" tabIndex={0} role="region" aria-label={label}>
      <table className="o-table o-limit-uses">
        <thead>
          <tr>
            <th scope="col">{t('accounts.limit')}</th>
            {whose !== undefined && <th scope="col">{t('accounts.limitOf')}</th>}
            <th scope="col">{t('accounts.used')}</th>
            <th scope="col">{t('accounts.left')}</th>
            <th scope="col">{t('accounts.resets')}</th>
          </tr>
        </thead>
        <tbody>
          {uses.map((use) => (
            <tr key={`${use.subject} ${use.name}`}>
              <th scope="row">{t(`parts.limit.${use.name}`)}</th>
              {whose !== undefined && <td>{whose(use)}</td>}
              <td>
                <Used use={use} />
              </td>
              <td>
                <Count value={use.remaining} />
              </td>
              <td>{use.resets_at === null ? '–' : <Time at={use.resets_at} as="short" />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Used({ use }: { use: LimitUse }): ReactNode {
  const t = useT()
  const { share, state } = partOf(use)
  return (
    <span className="o-limit-use" data-state={state}>
      <span>
        <bdi dir="ltr">
          <Count value={use.used} /> / <Count value={use.limit} />
        </bdi>{' '}
        {state === 'full' && <StatusBadge tone="bad">{t('accounts.usedUp')}</StatusBadge>}
        {state === 'near' && <StatusBadge tone="warn">{t('accounts.nearlyUsed')}</StatusBadge>}
      </span>
      <span className="o-limit-bar" aria-hidden="true">
        <span style={{ inlineSize: `${share * 100}%` }} />
      </span>
    </span>
  )
}
