// The checks of the doctor: what needs somebody first, each with what was found and what to do.
import { Group, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import type { Id } from '../i18n/ids'
import { needSentences, sentencesOf, useSentences } from '../i18n/sentences'
import { Act } from '../parts/Act'
import { wordsOf } from '../parts/finding'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { NamedWords } from '../parts/Named'
import { notifyRefusal } from '../parts/Notices'
import { Found } from '../parts/States'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { Marked } from '../parts/Ident'
import { Ident, ServerWords, Time } from '../parts/Values'
import { Linked } from './Linked'
import { byUrgency, type Check, countLevels } from './values'

const DOCTOR = ['/v1/doctor']
const TONES: Record<Check['level'], Tone> = { error: 'bad', warning: 'warn', ok: 'good', skipped: 'quiet' }

/** Checks whose names have a text; another one, of a newer server, shows what the server says. */
const NAMES: Record<string, Id> = {
  disk: 'doctor.check.disk', fsync: 'doctor.check.fsync', open_files: 'doctor.check.open_files', ports: 'doctor.check.ports',
  secret: 'doctor.check.secret', clock: 'doctor.check.clock', database: 'doctor.check.database', backups: 'doctor.check.backups',
  leases: 'doctor.check.leases', retention: 'doctor.check.retention', public_url: 'doctor.check.public_url',
  public_certificate: 'doctor.check.public_certificate', smpp_certificate: 'doctor.check.smpp_certificate',
  mail_server: 'doctor.check.mail_server', carriers: 'doctor.check.carriers', webhooks: 'doctor.check.webhooks',
}

export function Checks(): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  // The result of all checks is not replaced by the quick ones because somebody came back to the window.
  const query = useQuery({ queryKey: DOCTOR, queryFn: async () => (await Promise.all([take(api.GET('/v1/doctor')), needSentences('doctor')]))[0], staleTime: 60_000, refetchOnWindowFocus: false })
  const runAll = async (): Promise<void> => {
    setBusy(true)
    try {
      queries.setQueryData(DOCTOR, await take(api.POST('/v1/doctor')))
    } catch (error) {
      notifyRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Group mb="md">
        <Act calls="POST /v1/doctor" leftSection={<Icon name="play" />} loading={busy} onClick={() => void runAll()}>
          {t('doctor.runAll')}
        </Act>
        <Text size="sm" c="dimmed" flex="1 1 16rem">{t('doctor.runAllAbout')}</Text>
      </Group>
      <Found query={query} rows={12}>{(found) => <Result found={found} />}</Found>
    </>
  )
}

/** What was found: in the person's language, or as a newer server says it. */
function Words({ check }: { check: Check }): ReactNode {
  const t = useT()
  const format = useFormat()
  const said = wordsOf(check, { of: 'doctor', t, format })
  return said === null ? <NamedWords>{check.found}</NamedWords> : <Linked values={check.values}>{said}</Linked>
}

function Result({ found }: { found: components['schemas']['Diagnosis'] }): ReactNode {
  const t = useT()
  const sentence = useSentences('doctor')
  const say = (english: string): ReactNode => {
    const said = sentencesOf(english, sentence)
    return said === null ? null : <Marked>{said}</Marked>
  }
  const format = useFormat()
  const counts = countLevels(found.checks)
  return (
    <>
      <div role="status" className="o-doctor-verdict">
        <StatusBadge tone={TONES[found.level]}>{t(`doctor.verdict.${found.level}`)}</StatusBadge>
        <span>{t('doctor.counts', counts)}</span>
        <Text span size="sm" c="dimmed">
          <Time at={found.checked_at} /> · <Ident>{`onesixty ${found.version}`}</Ident>
        </Text>
      </div>
      <ul className="o-checks">
        {byUrgency(found.checks).map((check) => {
          const name = NAMES[check.name]
          return (
            <li key={check.name} data-level={check.level}>
              <div><StatusBadge tone={TONES[check.level]}>{t(`doctor.level.${check.level}`)}</StatusBadge></div>
              <div>
                <h2>{name === undefined ? <ServerWords>{check.about}</ServerWords> : t(name)}</h2>
                {check.code === 'not_run' ? t('doctor.skippedCosts') : <Words check={check} />}
                {check.remedy !== null && (
                  <p className="o-remedy">
                    <strong>{t('doctor.whatToDo')}</strong> {say(check.remedy) ?? <ServerWords>{check.remedy}</ServerWords>}
                  </p>
                )}
              </div>
              <div className="o-check-time">{check.seconds >= 0.01 && <bdi>{format.duration(check.seconds * 1000)}</bdi>}</div>
            </li>
          )
        })}
      </ul>
    </>
  )
}
