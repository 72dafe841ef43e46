// A message to try: which route takes it and why, which others were passed over, and the carriers in their order.
import { NativeSelect, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { CLASSES } from '../messages/shape'
import { Act } from '../parts/Act'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Icon } from '../parts/Icon'
import { Found } from '../parts/States'
import { StatusBadge } from '../parts/StatusBadge'
import { Ident, Money, PhoneNumber, ServerWords } from '../parts/Values'
import { type Explanation, ROUTES } from './route'

export function TryMessage(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/routes' })
  const search = useSearch({ from: '/shell/routes' })
  const [typed, setTyped] = useState({ to: search.to ?? '', from: search.from ?? '', class: search.class ?? 'transactional' })
  const change = (changes: Partial<typeof typed>): void => setTyped((before) => ({ ...before, ...changes }))
  const ask = (event: FormEvent): void => {
    event.preventDefault()
    const asked = { to: typed.to.trim() || undefined, from: typed.from.trim() || undefined }
    void navigate({ search: (before) => ({ ...before, ...asked, class: typed.class === 'transactional' ? undefined : typed.class }), replace: true })
  }
  return (
    <section aria-labelledby="try" className="o-try">
      <h2 id="try" className="o-routing-head">{t('routing.try')}</h2>
      <form onSubmit={ask} noValidate>
        <SimpleGrid cols={{ base: 1, sm: 4 }} verticalSpacing="xs" className="o-try-fields">
          <TextInput label={t('routing.to')} type="tel" dir="ltr" placeholder="+4915112345678" value={typed.to} onChange={(event) => change({ to: event.currentTarget.value })} />
          <TextInput label={t('routing.from')} dir="ltr" value={typed.from} onChange={(event) => change({ from: event.currentTarget.value })} />
          <NativeSelect
            label={t('routing.class')}
            value={typed.class}
            onChange={({ currentTarget: { value } }) => change({ class: CLASSES.find((each) => each === value) ?? 'transactional' })}
            data={CLASSES.map((value) => ({ value, label: t(`routing.class.${value}`) }))}
          />
          <Act calls="POST /v1/routes/explain" type="submit" leftSection={<Icon name="route" />}>
            {t('routing.ask')}
          </Act>
        </SimpleGrid>
      </form>
      {search.to !== undefined && search.from !== undefined && <Answer to={search.to} from={search.from} of={search.class ?? 'transactional'} />}
    </section>
  )
}

function Answer({ to, from, of }: { to: string; from: string; of: (typeof CLASSES)[number] }): ReactNode {
  const api = useApi()
  const body = { to, from, class: of }
  const query = useQuery({
    queryKey: [ROUTES, 'explain', body],
    queryFn: ({ signal }) => take(api.POST('/v1/routes/explain', { body, signal })),
  })
  return (
    <div aria-live="polite">
      <Found query={query} rows={3}>
        {(found) => (
          <Stack gap="sm" mt="md">
            <Verdict found={found} />
            <div>
              <CopyAsCode request={{ operation: 'POST /v1/routes/explain', body }} />
            </div>
          </Stack>
        )}
      </Found>
    </div>
  )
}

function Verdict({ found }: { found: Explanation }): ReactNode {
  const t = useT()
  return (
    <>
      {found.error === null ? (
        <p className="o-try-verdict">
          <StatusBadge tone="good">{t('routing.taken')}</StatusBadge> <bdi dir="auto">{found.route}</bdi>
        </p>
      ) : (
        <p className="o-try-verdict">
          <StatusBadge tone="bad">{t('routing.refused')}</StatusBadge> <Ident>{found.error.code}</Ident> {found.error.detail !== null && <ServerWords>{found.error.detail}</ServerWords>}
        </p>
      )}
      {found.hops.length > 0 && (
        <>
          <h3>{t('routing.hops')}</h3>
          <ol className="o-hops">
            {found.hops.map((hop) => (
              <li key={`${hop.carrier} ${hop.sender}`}>
                <strong>
                  <bdi dir="auto">{hop.carrier}</bdi>
                </strong>{' '}
                · {t('routing.asSender')} <PhoneNumber value={hop.sender} /> · <Money amount={hop.cost_per_segment} currency={hop.currency} />{' '}
                <Text component="span" size="sm" c="dimmed">
                  <ServerWords>{hop.reasons.join(', ')}</ServerWords>
                </Text>
              </li>
            ))}
          </ol>
        </>
      )}
      <h3>{t('routing.considered')}</h3>
      <ol className="o-hops">
        {found.considered.map((one) => (
          <li key={one.route}>
            <bdi dir="auto">{one.route}</bdi> <StatusBadge tone={one.taken ? 'good' : 'quiet'}>{one.taken ? t('routing.takes') : t('routing.passed')}</StatusBadge>{' '}
            <Text component="span" size="sm" c="dimmed">
              <ServerWords>{one.reason}</ServerWords>
            </Text>
          </li>
        ))}
      </ol>
    </>
  )
}
