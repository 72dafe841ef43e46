// What a customer needs to bind, as a card that is copied whole.
import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { Copy } from '../parts/Copy'
import { Facts } from '../parts/Facts'
import { Icon } from '../parts/Icon'
import { Found } from '../parts/States'
import { Ident } from '../parts/Values'
import { bindLines } from './bind'
import { type Credential, LISTENERS } from './smpp'

export function BindCard({ credential }: { credential: Credential }): ReactNode {
  const t = useT()
  const api = useApi()
  const query = useQuery({
    queryKey: [LISTENERS],
    queryFn: ({ signal }) => take(api.GET('/v1/smpp-binds/listeners', { signal })),
    staleTime: 600_000,
  })
  const words = {
    host: t('smpp.host'), port: t('smpp.port'), tls: t('smpp.portTls'), systemId: t('smpp.systemId'),
    version: t('smpp.version'), kinds: t('smpp.kinds'), window: t('smpp.window'),
  }
  return (
    <section aria-labelledby="to-bind" className="o-bind-card">
      <Found query={query} rows={4}>
        {({ data: listeners }) => {
          const lines = bindLines(credential, listeners, words)
          const local = listeners.length > 0 && listeners.every(({ host }) => /^(127\.|::1$|localhost$)/.test(host))
          return (
            <>
              <Group justify="space-between" mb="xs">
                <h2 id="to-bind" className="o-section">{t('smpp.toBind')}</h2>
                <Copy value={lines.map(([name, value]) => `${name}: ${value}`).join('\n')} what={t('smpp.toBind')} withText />
              </Group>
              <Facts facts={[...lines.map(([name, value]): [string, ReactNode] => [name, <Ident key={name}>{value}</Ident>]), [t('smpp.password'), t('smpp.passwordOnce')]]} />
              {listeners.length === 0 && <Note>{t('smpp.noListener')}</Note>}
              {local && <Note>{t('smpp.onlyHere')}</Note>}
              {listeners.length > 0 && listeners.every(({ tls }) => !tls) && <Note>{t('smpp.noTls')}</Note>}
            </>
          )
        }}
      </Found>
    </section>
  )
}

function Note({ children }: { children: string }): ReactNode {
  return (
    <Text size="sm" c="dimmed" mt="xs">
      <Icon name="info" size={14} /> {children}
    </Text>
  )
}
