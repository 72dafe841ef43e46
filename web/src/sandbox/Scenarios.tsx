// Scenarios to choose from, and the one that is played: what it does, its result, and its timeline.
import { Button, Group, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type Operation, OPERATIONS } from '../api/scopes'
import { refusedTo, sessionOf, useMe, useSession } from '../app/session'
import { useT } from '../i18n/i18n'
import { MESSAGES } from '../messages/message'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { RefusalText } from '../parts/RefusalText'
import { State } from '../parts/States'
import { PhoneNumber } from '../parts/Values'
import { HANDSETS } from './handset'
import { Happened } from './Happened'
import { play, type Run } from './play'
import { Checks, Verdict } from './Result'
import { type Scenario, scenarioOf, SCENARIOS } from './scenarios'
import { useEndpoints } from './Told'

export function Scenarios({ from }: { from: string }): ReactNode {
  const t = useT()
  const me = useMe()
  const navigate = useNavigate({ from: '/sandbox' })
  const search = useSearch({ from: '/shell/sandbox' })
  const chosen = scenarioOf(search.scenario)
  if (me.mode === 'live') {
    return (
      <State
        icon="flask"
        title={t('sandbox.inTest')}
        action={<Button onClick={() => void navigate({ search: (before) => ({ ...before, mode: 'test' as const }) })}>{t('sandbox.toTest')}</Button>}
      >
        <Text>{t('sandbox.inTestAbout')}</Text>
      </State>
    )
  }
  return (
    <div className="o-sandbox o-sandbox-play">
      <nav aria-label={t('sandbox.scenarios')}>
        <ul className="o-sandbox-scenarios">
          {SCENARIOS.map(({ id, icon }) => (
            <li key={id}>
              <button
                type="button"
                aria-current={id === chosen.id}
                onClick={() => void navigate({ search: (before) => ({ ...before, scenario: id === SCENARIOS[0]?.id ? undefined : id }), resetScroll: false })}
              >
                <Icon name={icon} /> {t(`sandbox.s.${id}`)}
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <Player key={chosen.id} scenario={chosen} from={from} />
    </div>
  )
}

/** A run in the cache: it goes on while one looks at another page, and is still there when one comes back. */
type Kept = { run: Run; stop: () => void }
const RUN = 'sandbox run'

/** What stops one from calling an operation in the live mode, in which scenarios of operators act. */
function useRefusedLive(operation: Operation | undefined): boolean {
  const me = useMe()
  return operation !== undefined && refusedTo({ ...me, mode: 'live' }, OPERATIONS[operation]) !== null
}

function Player({ scenario, from }: { scenario: Scenario; from: string }): ReactNode {
  const t = useT()
  const format = useFormat()
  const { api, where } = useSession()
  const queries = useQueryClient()
  const endpoints = useEndpoints()
  const forbidden = useRefusedLive(scenario.calls)
  const { data: kept } = useQuery<Kept | null>({ queryKey: [RUN, scenario.id], queryFn: () => null, enabled: false, staleTime: Infinity, gcTime: Infinity })
  const playing = kept?.run.state === 'playing'
  const start = async (): Promise<void> => {
    const end = new AbortController()
    await play(scenario, {
      api,
      live: sessionOf({ ...where, mode: 'live' }).api,
      from,
      text: t('sandbox.firstText'),
      endpoints: endpoints.data ?? [],
      signal: end.signal,
      tell: (run) => queries.setQueryData<Kept>([RUN, scenario.id], { run, stop: () => end.abort() }),
    })
    for (const key of [MESSAGES, HANDSETS]) void queries.invalidateQueries({ queryKey: [key] })
  }
  const first = scenario.steps.find((step) => step.do !== 'down')
  return (
    <section className="o-sandbox-player" aria-labelledby="scenario">
      <h2 id="scenario">{t(`sandbox.s.${scenario.id}`)}</h2>
      <Text>{t(`sandbox.about.${scenario.id}`)}</Text>
      <Group my="md">
        {forbidden ? (
          <Text c="dimmed"><Icon name="lock" size={14} /> {t('sandbox.forOperators')}</Text>
        ) : (
          <Act calls={first?.do === 'write' ? 'POST /v1/sandbox/handsets/{number}/messages' : 'POST /v1/sms/send'} loading={playing} disabled={endpoints.isPending} leftSection={<Icon name="play" />} onClick={() => void start()}>
            {kept == null ? t('sandbox.play') : t('sandbox.playAgain')}
          </Act>
        )}
        {playing && <Button variant="default" leftSection={<Icon name="stop" />} onClick={kept?.stop}>{t('sandbox.stop')}</Button>}
        {first?.do === 'send' && <CopyAsCode request={{ operation: 'POST /v1/sms/send', body: { to: first.to, from, text: t('sandbox.firstText') } }} />}
        {first?.do === 'write' && <CopyAsCode request={{ operation: 'POST /v1/sandbox/handsets/{number}/messages', path: { number: first.from }, body: { to: from, text: first.text } }} />}
        <Text c="dimmed" size="sm">{t('sandbox.takes', { time: format.duration(scenario.seconds * 1000) })}</Text>
      </Group>
      {kept == null ? <p className="o-sandbox-hint">{t('sandbox.notPlayed')}</p> : <Shown run={kept.run} />}
    </section>
  )
}

function Shown({ run }: { run: Run }): ReactNode {
  const t = useT()
  return (
    <>
      <p className="o-sandbox-verdict"><Verdict state={run.state} /></p>
      {run.refusal !== null && (
        <div className="o-refused" role="alert">
          <RefusalText refusal={run.refusal} />
        </div>
      )}
      {run.steps.map(({ step, checks }, place) => (
        <div key={place}>
          {run.steps.length > 1 && step.do !== 'down' && (
            <p className="o-phone-quiet">
              {step.do === 'send' ? t('sandbox.toNumber') : t('sandbox.fromNumber')} <PhoneNumber value={step.do === 'send' ? step.to : step.from} />
            </p>
          )}
          <Checks checks={checks} />
        </div>
      ))}
      {run.steps.length > 0 && <h3>{t('sandbox.happened')}</h3>}
      <Happened steps={run.steps} />
    </>
  )
}
