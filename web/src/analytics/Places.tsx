// Where does it fail more than usual? The delivery rate of each country and its networks, beside that of the period
// before. A cell says its rate in figures, its shade says it again.
import type { ReactNode } from 'react'
import { Rich } from '../i18n/Rich'
import { useT } from '../i18n/i18n'
import type { MessagesSearch } from '../messages/shape'
import { NONE } from '../messages/shape'
import { useFormat } from '../parts/format'
import { Icon, type IconName } from '../parts/Icon'
import { FigureTable } from './Bars'
import { countriesOf, ENDED, LOST, type Place, type Verdict, worseOf } from './figures'
import { Counted, NetworkName, useCountry } from './names'
import { Question } from './Question'
import { useCompared, type View } from './useReports'
import { listOf } from './view'

const COUNTRIES = 12
const NETWORKS = 4
const ICONS: Partial<Record<Verdict, IconName>> = { worse: 'down', better: 'up' }

/** The filters of a place. */
const filtersOf = ({ country, network }: Place): MessagesSearch => ({
  country: country ?? NONE,
  ...(network !== undefined && { network: network ?? NONE }),
})
const keyOf = ({ country, network }: Place): string => `${country} ${network}`

export function Places({ view }: { view: View }): ReactNode {
  const t = useT()
  const format = useFormat()
  const countryOf = useCountry()
  const found = useCompared(view, { by: 'country,network' })
  return (
    <Question
      name="places"
      view={view}
      found={found}
      isEmpty={(rows) => countriesOf(rows, []).length === 0}
      answer={(rows, before) => {
        const countries = countriesOf(rows, before)
        const [worst, ...others] = worseOf(countries)
        if (worst?.now == null || worst.before === null) return t(countries.some(({ all }) => all.verdict === 'same' || all.verdict === 'better') ? 'analytics.a.usual' : 'analytics.a.few')
        const values = { country: countryOf(worst.country), rate: format.percent(worst.now.rate), before: format.percent(worst.before.rate), others: others.length }
        return (
          <>
            {worst.network == null ? t('analytics.a.worseCountry', values) : t('analytics.a.worse', { ...values, network: worst.network })}
            {others.length > 0 && ` ${t('analytics.a.worseToo', { count: others.length })}`}
          </>
        )
      }}
      chart={(rows, before) => <Heat countries={countriesOf(rows, before)} view={view} />}
      table={(rows, before) => (
        <FigureTable
          label={t('analytics.q.places')}
          head={[t('analytics.f.country'), t('analytics.f.network'), t('analytics.rate'), t('analytics.before'), t('analytics.change'), t('analytics.ended'), t('analytics.lost')]}
          rows={countriesOf(rows, before).flatMap(({ networks }) => networks).map((place) => ({
            key: keyOf(place),
            cells: [
              countryOf(place.country),
              <NetworkName key="network" network={place.network} />,
              place.now === null ? '–' : format.percent(place.now.rate),
              place.before === null ? '–' : format.percent(place.before.rate),
              <Change key="change" place={place} />,
              <Counted key="ended" value={place.now?.ended ?? 0} to={listOf(view.search, view.spans, { ...filtersOf(place), status: [...ENDED] })} />,
              <Counted key="lost" value={lostOf(place)} to={listOf(view.search, view.spans, { ...filtersOf(place), status: [...LOST] })} />,
            ],
          }))}
        />
      )}
    />
  )
}

const lostOf = ({ now }: Place): number => (now === null ? 0 : now.ended - now.delivered)

function Heat({ countries, view }: { countries: ReturnType<typeof countriesOf>; view: View }): ReactNode {
  const t = useT()
  const countryOf = useCountry()
  const shown = countries.slice(0, COUNTRIES)
  return (
    <>
      <div className="o-table-frame" tabIndex={0} role="region" aria-label={t('analytics.q.places')}>
        <table className="o-heat">
          <thead>
            <tr>
              <th scope="col">{t('analytics.f.country')}</th>
              <th scope="col">{t('analytics.allNetworks')}</th>
              <th scope="col" colSpan={NETWORKS}>{t('analytics.largest')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ all, networks }) => (
              <tr key={all.country}>
                <th scope="row">{countryOf(all.country)}</th>
                <Cell place={all} view={view} />
                {networks.slice(0, NETWORKS).map((place) => (
                  <Cell key={keyOf(place)} place={place} view={view} named />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="o-legend">
        <span>{t('analytics.heatAbout')}</span>
        {countries.length > COUNTRIES && <span>{t('analytics.others', { count: countries.length - COUNTRIES })}</span>}
      </p>
    </>
  )
}

/** 0.7 and less is the darkest, 1 the lightest. */
const shade = (rate: number): number => Math.round(Math.min(1, Math.max(0, (1 - rate) / 0.3)) * 45)

function Cell({ place, view, named = false }: { place: Place; view: View; named?: boolean }): ReactNode {
  const format = useFormat()
  const { now } = place
  if (now === null) return <td>–</td>
  const list = (status: MessagesSearch['status']) => listOf(view.search, view.spans, { ...filtersOf(place), status })
  return (
    // React's types know no variables of CSS.
    <td className="o-heat-cell" data-verdict={place.verdict} style={{ '--shade': `${shade(now.rate)}%` } as React.CSSProperties}>
      {named && <span className="o-heat-network"><NetworkName network={place.network} /></span>}
      <span className="o-heat-rate">
        <strong>{format.percent(now.rate)}</strong> <Change place={place} />
      </span>
      <span className="o-heat-counts">
        <Rich
          id="analytics.lostOf"
          values={{
            lost: <Counted value={lostOf(place)} to={list([...LOST])} />,
            ended: <Counted value={now.ended} to={list([...ENDED])} />,
          }}
        />
      </span>
    </td>
  )
}

/** How the rate has changed, in points. */
function Change({ place: { now, before, verdict } }: { place: Place }): ReactNode {
  const t = useT()
  const format = useFormat()
  if (now === null) return null
  if (before === null) return <span className="o-change">{t('analytics.new')}</span>
  const points = Math.round((now.rate - before.rate) * 1000) / 10
  const icon = ICONS[verdict]
  return (
    <span className="o-change" data-tone={verdict === 'worse' ? 'bad' : verdict === 'better' ? 'good' : undefined}>
      {icon !== undefined && <Icon name={icon} size={13} />}
      <bdi dir="ltr">{t('analytics.points', { points: `${points > 0 ? '+' : ''}${format.number(points)}` })}</bdi>
      {verdict === 'worse' && <span className="o-visually-hidden"> {t('analytics.worse')}</span>}
    </span>
  )
}
