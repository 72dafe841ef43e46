// A carrier that is removed: messages and alerts still name it. Who removed it, when, and how it was set.
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import type { components } from '../api/schema'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Facts } from '../parts/Facts'
import { BackToList } from '../parts/FoundPage'
import { Icon } from '../parts/Icon'
import { Who } from '../parts/Named'
import { ButtonLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { Found, State } from '../parts/States'
import { isValues, titleOf } from '../parts/schema'
import { Ident, Time } from '../parts/Values'
import { useTypes } from './carrier'
import { type CarrierType, schemaOf, settingsOf } from './form'
import { useSay } from './names'

type Entry = components['schemas']['AuditEntry']

export function Removed({ id }: { id: string }): ReactNode {
  const t = useT()
  const may = useMay('GET /v1/audit')
  return (
    <>
      <PageHead
        before={<BackToList />}
        title={t('carriers.gone')}
        about={<Ident>{id}</Ident>}
        actions={may && <ButtonLink variant="default" to="/audit" search={{ object_id: id }} leftSection={<Icon name="audit" />}>{t('carriers.itsHistory')}</ButtonLink>}
      />
      {may ? <End id={id} /> : <State icon="trash" title={t('carriers.gone')}><Text>{t('carriers.goneAbout')}</Text></State>}
    </>
  )
}

function End({ id }: { id: string }): ReactNode {
  const t = useT()
  const say = useSay()
  const api = useApi()
  const types = useTypes()
  const query = useQuery({
    queryKey: ['/v1/audit', 'removed', id],
    queryFn: ({ signal }) => take(api.GET('/v1/audit', { params: { query: { object_id: id, object: 'carrier', action: 'removed', limit: 1 } }, signal })),
  })
  return (
    <Found query={query}>
      {({ data: [entry] }) =>
        entry === undefined ? (
          <State icon="info" title={t('carriers.never')}>
            <Text>{t('carriers.neverAbout')}</Text>
          </State>
        ) : (
          <>
            <Text mb="md">{t('carriers.goneAbout')}</Text>
            <Facts facts={factsOf(entry, types.data?.data ?? [], t, say)} />
          </>
        )
      }
    </Found>
  )
}

/** Who, when, and the fields as they were. */
function factsOf(entry: Entry, types: CarrierType[], t: ReturnType<typeof useT>, say: (english: string) => ReactNode): [ReactNode, ReactNode][] {
  const { name, type, settings, ...others } = entry.before ?? {}
  const shown = (value: unknown): ReactNode => <Ident>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</Ident>
  // What had its default is not worth a line.
  const known = types.find((each) => each.type === type)
  const set = Object.entries(settingsOf({ settings: isValues(settings) ? settings : {} }, known))
  return [
    [t('carriers.goneAt'), <Time key="at" at={entry.created_at} as="absolute" />],
    [t('carriers.goneBy'), <Who key="by" who={entry.actor} />],
    ...(name === undefined ? [] : [[t('carriers.name'), shown(name)] satisfies [string, ReactNode]]),
    ...(type === undefined ? [] : [[t('carriers.type'), shown(type)] satisfies [string, ReactNode]]),
    ...Object.entries(others).filter(([, value]) => value !== null).map(([field, value]) => [field, shown(value)] satisfies [string, ReactNode]),
    ...set.map(([field, value]) => [say(titleOf(field, schemaOf(known))), shown(value)] satisfies [ReactNode, ReactNode]),
  ]
}
