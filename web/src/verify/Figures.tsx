// How many verifications were approved, by country, network, channel, profile, carrier or day: where codes do not arrive,
// or are asked for by nobody who types them. Each number of verifications opens its list, but for those of a carrier: a
// list has no filter for it.
import { Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { oneOf } from '../app/search'
import { useApi, useMay } from '../app/session'
import { locale, useT } from '../i18n/i18n'
import { Rich } from '../i18n/Rich'
import { countryName } from '../messages/fields'
import { formatIn, useFormat } from '../parts/format'
import { TextLink } from '../parts/Link'
import { NothingYet, Found } from '../parts/States'
import { Count, Ident } from '../parts/Values'
import { listOf, startOf, together } from './figures'
import { type Dimension, DIMENSIONS, type Figure, SPANS, type VerifyFilters } from './search'
import { useProfiles } from './useProfiles'
import { FIGURES } from './verification'

type Row = components['schemas']['VerifyFigures']

const EVERY_MS = 30_000
const dimensionOf = oneOf(...DIMENSIONS)
const spanOf = oneOf(...SPANS)

export function Figures(): ReactNode {
  const t = useT()
  const api = useApi()
  const format = useFormat()
  const navigate = useNavigate({ from: '/verify' })
  const { by: asked = 'country', span, profile_id } = useSearch({ from: '/shell/verify' })
  const operator = useMay('GET /v1/carriers')
  const by = asked === 'carrier' && !operator ? 'country' : asked
  const dimensions = DIMENSIONS.filter((value) => value !== 'carrier' || operator)
  const query = useQuery({
    queryKey: [FIGURES, by, span, profile_id],
    queryFn: ({ signal }) => take(api.GET('/v1/reports/verifications', { params: { query: { by, profile_id, start: startOf(span, Date.now()) } }, signal })),
    refetchInterval: EVERY_MS,
  })
  return (
    <Stack>
      <Group>
        <SegmentedControl
          aria-label={t('verify.by')}
          data={dimensions.map((value) => ({ value, label: t(`verify.by.${value}`) }))}
          value={by}
          onChange={(to) => void navigate({ search: (before) => ({ ...before, by: to === 'country' ? undefined : dimensionOf(to) }) })}
        />
        <SegmentedControl
          aria-label={t('verify.span')}
          data={[{ value: '24h', label: t('verify.span.24h') }, { value: '7d', label: t('verify.span.7d') }, { value: '30d', label: t('verify.span.30d') }]}
          value={span ?? '7d'}
          onChange={(to) => void navigate({ search: (before) => ({ ...before, span: spanOf(to) }) })}
        />
      </Group>
      <Found query={query}>
        {({ data, start, end }) =>
          data.length === 0 || together(data).started === 0 ? (
            <NothingYet icon="chart" title={t('verify.noFigures')} about={t('verify.noFiguresAbout')} />
          ) : (
            <>
              <Verdict rows={data} report={{ start, end, profile_id }} />
              <Table rows={data} by={by} report={{ start, end, profile_id }} />
              <Text size="sm" c="dimmed">
                {format.day(start)} – {format.day(end)} · {t('verify.countedAtEnd')}
                {by === 'day' && ` ${t('verify.daysInUtc')}`}
              </Text>
            </>
          )
        }
      </Found>
    </Stack>
  )
}

type Report = { start: string; end: string; profile_id: string | undefined }

/** A number that leads to the verifications that it counts, if there is a list of them. */
function Counted({ value, to }: { value: number; to: VerifyFilters | undefined }): ReactNode {
  return to === undefined ? <Count value={value} /> : <TextLink to="/verify" search={to}><Count value={value} /></TextLink>
}

function Verdict({ rows, report }: { rows: readonly Row[]; report: Report }): ReactNode {
  const t = useT()
  const format = useFormat()
  const all = together(rows)
  return (
    <p className="o-verify-verdict" role="status">
      <strong>{all.conversion === null ? '–' : <bdi dir="ltr">{format.percent(all.conversion)}</bdi>}</strong>{' '}
      <Rich
        id="verify.approvedOf"
        values={{
          approved: <Counted value={all.approved} to={listOf('approved', report)} />,
          started: <Counted value={all.judged} to={listOf('judged', report)} />,
        }}
      />
      {all.blocked > 0 && (
        <>
          {' · '}
          <TextLink to="/verify" search={listOf('blocked', report)}>{t('verify.blockedCount', { count: all.blocked })}</TextLink>
        </>
      )}
    </p>
  )
}

function Table({ rows, by, report }: { rows: readonly Row[]; by: Dimension; report: Report }): ReactNode {
  const t = useT()
  const format = useFormat()
  const profiles = useProfiles()
  const shown = by === 'day' ? rows : rows.toSorted((a, b) => b.started - a.started)
  const to = (figure: Figure, row: Row): VerifyFilters | undefined => (by === 'carrier' ? undefined : listOf(figure, report, by, row))
  const nameOf = (row: Row): ReactNode => {
    const value = row[by]
    if (by === 'carrier' && value === null) return t('verify.noCarrier')
    if (value === null || value === undefined || value === '') return t('verify.unknown')
    if (by === 'country') return countryName(value)
    // The days of the report are those of UTC.
    if (by === 'day') return formatIn(locale(), 'UTC').day(value)
    if (by === 'channel') return value === 'sms' || value === 'email' ? t(`verify.channel.${value}`) : <Ident>{value}</Ident>
    if (by === 'profile') {
      return (
        <TextLink to="/verify" search={{ profile_id: value }}>
          <bdi dir="auto">{profiles.find(({ id }) => id === value)?.name ?? value}</bdi>
        </TextLink>
      )
    }
    if (by === 'carrier') return <TextLink to="/carriers/$id" params={{ id: value }}><bdi dir="auto">{value}</bdi></TextLink>
    return <Ident>{value}</Ident>
  }
  return (
    <div className="o-table-frame" role="region" aria-label={t('verify.figures')} tabIndex={0}>
      <table className="o-table o-verify-figures">
        <thead>
          <tr>
            <th scope="col">{t(`verify.by.${by}`)}</th>
            {(['started', 'approved', 'conversion', 'seconds', 'sendsEach', 'wrong', 'blocked'] as const).map((name) => (
              <th key={name} scope="col" data-align="end">{t(`verify.col.${name}`)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, place) => (
            <tr key={`${row[by] ?? ''} ${place}`}>
              <th scope="row">{nameOf(row)}</th>
              <td data-align="end"><Counted value={row.started} to={to('started', row)} /></td>
              <td data-align="end"><Counted value={row.approved} to={to('approved', row)} /></td>
              <td data-align="end">{row.conversion === null ? '–' : <bdi dir="ltr">{format.percent(row.conversion)}</bdi>}</td>
              <td data-align="end">{row.seconds_to_approval === null ? '–' : <bdi>{format.duration(row.seconds_to_approval * 1000)}</bdi>}</td>
              <td data-align="end">{row.started === 0 ? '–' : <bdi dir="ltr">{format.number(Math.round((row.sends / row.started) * 100) / 100)}</bdi>}</td>
              <td data-align="end"><Count value={row.wrong} /></td>
              <td data-align="end"><Counted value={row.blocked} to={to('blocked', row)} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
