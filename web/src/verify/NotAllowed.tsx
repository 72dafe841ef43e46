// The countries that profiles do not allow, and to which codes were blocked for that. One click allows a country.
import { Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { countryName } from '../messages/fields'
import { Act } from '../parts/Act'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { TextLink } from '../parts/Link'
import { notify } from '../parts/Notices'
import { useList } from '../parts/useList'
import { Time, Words } from '../parts/Values'
import { type Profile, useProfiles } from './useProfiles'
import { PROFILES, type Verification, VERIFICATIONS } from './verification'

type Row = { profile: Profile; country: string; count: number; last: string }

/** Of how many blocked verifications the countries are counted. */
const MOST = 200

const EVERY_MS = 15_000

export function NotAllowed(): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [asked, setAsked] = useState<Row | null>(null)
  const profiles = useProfiles()
  const list = useList(VERIFICATIONS, { status: 'blocked', guard: 'country', limit: MOST }, { every: EVERY_MS })
  const rows = notAllowed(list.rows, profiles)
  // Of more than that, the lists begin where the counts do.
  const since = list.hasNextPage ? list.rows.at(-1)?.created_at : undefined
  return (
    <section aria-labelledby="not-allowed">
      <h2 id="not-allowed" className="o-section">{t('verify.notAllowed')}</h2>
      <Text mb="sm">{rows.length === 0 ? t('verify.notAllowedNone') : t('verify.notAllowedAbout')}</Text>
      {rows.length > 0 && (
        <div className="o-table-frame" tabIndex={0} role="region" aria-labelledby="not-allowed">
          <table className="o-table o-verify-stops" aria-labelledby="not-allowed">
            <thead>
              <tr>
                <th scope="col">{t('verify.country')}</th>
                <th scope="col">{t('verify.blockedHow')}</th>
                <th scope="col">{t('verify.allow')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.profile.id} ${row.country}`}>
                  <th scope="row">
                    {countryName(row.country)}
                    <span className="o-verify-more"><Words>{row.profile.name}</Words></span>
                  </th>
                  <td>
                    <TextLink to="/verify" search={{ status: 'blocked', guard: 'country', country: row.country, profile_id: row.profile.id, created_after: since }}>{t('verify.times', { count: row.count })}</TextLink>
                    <span className="o-verify-more"><Time at={row.last} /></span>
                  </td>
                  <td>
                    <Act calls="PATCH /v1/verify-profiles/{id}" size="compact-sm" variant="default" onClick={() => setAsked(row)}>
                      {t('verify.allow')}
                    </Act>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {asked !== null && (
        <ConfirmDialog
          title={t('verify.allowTitle', { country: countryName(asked.country) })}
          action={t('verify.allow')}
          onClose={() => setAsked(null)}
          onConfirm={async () => {
            const { id, version, guards } = asked.profile
            const params = { path: { id }, header: { 'if-match': `"${version}"` } }
            await take(api.PATCH('/v1/verify-profiles/{id}', { params, body: { guards: { countries: [...(guards.countries ?? []), asked.country] } } }))
            await queries.invalidateQueries({ queryKey: [PROFILES] })
            notify(t('verify.allowed', { country: countryName(asked.country) }))
          }}
        >
          {t('verify.allowAbout', { profile: asked.profile.name, country: countryName(asked.country) })}
        </ConfirmDialog>
      )}
    </section>
  )
}

/** What was blocked, by profile and country, the last first. What a profile allows by now is not among it. */
export function notAllowed(blocked: readonly Pick<Verification, 'country' | 'profile_id' | 'created_at'>[], profiles: readonly Profile[]): Row[] {
  const found = new Map<string, Row>()
  for (const { country, profile_id, created_at } of blocked) {
    const profile = profiles.find(({ id }) => id === profile_id)
    if (profile === undefined || country === null || (profile.guards.countries ?? []).includes(country)) continue
    const key = `${profile_id} ${country}`
    const row = found.get(key)
    if (row === undefined) found.set(key, { profile, country, count: 1, last: created_at })
    else found.set(key, { ...row, count: row.count + 1, last: row.last > created_at ? row.last : created_at })
  }
  return [...found.values()].toSorted((one, other) => (one.last > other.last ? -1 : 1))
}
