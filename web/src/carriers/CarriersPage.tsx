// Which link is sick? All carriers with what they do now, the sick ones first.
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { ButtonLink, TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { Found, NothingYet } from '../parts/States'
import { Ident, ServerWords, Time } from '../parts/Values'
import { errorsOf, type LiveCarrier, sickFirst, slotsOf, useSeries, useStates } from './carrier'
import { Health } from './Health'
import { RateStrip } from './RateStrip'
import { Stopped, usePauses } from './Stopped'
import { WaitingCount } from './WaitingCount'
import './carriers.css'

export function CarriersPage(): ReactNode {
  const t = useT()
  const states = useStates()
  const { data: series } = useSeries()
  // Why carriers are stopped is read with them, else each reason would push down what stands below it.
  const pauses = usePauses()
  return (
    <>
      <PageHead
        title={t('carriers.title')}
        about={t('carriers.about')}
        actions={
          <>
            <CopyAsCode request={{ operation: 'GET /v1/carrier-states' }} />
            <Make />
          </>
        }
      />
      <Found query={pauses.isLoading ? { ...states, data: undefined } : states} rows={12}>
        {({ data, as_of }) =>
          data.length === 0 ? (
            <NothingYet icon="tower" title={t('carriers.none')} about={t('carriers.noneAbout')} action={<Make />} />
          ) : (
            <>
              <ul className="o-carriers" aria-label={t('carriers.title')}>
                {sickFirst(data).map((carrier) => {
                  const found = series?.data.find(({ id }) => id === carrier.id)
                  return (
                    <li key={carrier.id}>
                      <Card carrier={carrier}>
                        {found === undefined || series === undefined ? <div className="o-rates-soon" /> : <RateStrip name={carrier.name} slots={slotsOf(found, series.start, series.step_seconds)} />}
                      </Card>
                    </li>
                  )
                })}
              </ul>
              <Text size="sm" c="dimmed" mt="sm">
                {t('carriers.asOf')} <Time at={as_of} as="short" />
              </Text>
            </>
          )
        }
      </Found>
    </>
  )
}

/** Leads to the form of a new carrier; who may not make one does not see it. */
function Make(): ReactNode {
  const t = useT()
  if (!useMay('POST /v1/carriers')) return null
  return (
    <ButtonLink to="/carriers/new" leftSection={<Icon name="plus" />}>
      {t('carriers.make')}
    </ButtonLink>
  )
}

function Card({ carrier, children }: { carrier: LiveCarrier; children: ReactNode }): ReactNode {
  const t = useT()
  const errors = errorsOf(carrier)
  return (
    <article className="o-carrier">
      <header>
        <h2>
          <TextLink to="/carriers/$id" params={{ id: carrier.id }}>
            <bdi dir="auto">{carrier.name}</bdi>
          </TextLink>{' '}
          <Text component="span" size="sm" c="dimmed">
            <Ident>{carrier.type}</Ident>
          </Text>
        </h2>
        <span>
          <Health carrier={carrier} />
        </span>
      </header>
      {carrier.state?.last_error != null && (
        <p className="o-carrier-error">
          <ServerWords>{carrier.state.last_error}</ServerWords>
        </p>
      )}
      <Stopped carrier={carrier} />
      <Figures carrier={carrier} errors={errors} />
      {children}
      {errors > 0 && <Text size="sm">{t('carriers.errorsHour', { count: errors })}</Text>}
    </article>
  )
}

function Figures({ carrier, errors }: { carrier: LiveCarrier; errors: number }): ReactNode {
  const t = useT()
  const format = useFormat()
  const { state, queue, per_second: rates, answer_seconds: answer } = carrier
  return (
    <dl className="o-carrier-figures" data-errors={errors > 0}>
      <div>
        <dt>{t('carriers.binds')}</dt>
        <dd>{state === null ? '–' : <bdi dir="ltr">{`${format.number(state.binds_bound)} / ${format.number(state.binds)}`}</bdi>}</dd>
      </div>
      <div>
        <dt>{t('carriers.waiting')}</dt>
        <dd>
          <WaitingCount carrier={carrier} />
        </dd>
      </div>
      <div>
        <dt>{t('carriers.oldest')}</dt>
        <dd>{queue?.oldest_seconds == null ? '–' : <bdi>{format.duration(queue.oldest_seconds * 1000)}</bdi>}</dd>
      </div>
      <div>
        <dt>{t('carriers.rate')}</dt>
        <dd>
          <bdi dir="ltr">{format.number(rates.accepted)}</bdi>
        </dd>
      </div>
      <div>
        <dt>{t('carriers.answer')}</dt>
        <dd>{answer === null ? '–' : <bdi>{format.duration(answer.p95 * 1000)}</bdi>}</dd>
      </div>
    </dl>
  )
}
