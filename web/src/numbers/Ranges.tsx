// The ranges of numbers and their networks, and the network of one number.
import { Button, Group, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { text } from '../app/search'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { countryName } from '../messages/fields'
import { type Column, DataList } from '../parts/DataList'
import { type FilterField, FilterBar } from '../parts/FilterBar'
import { Icon } from '../parts/Icon'
import { Found, NothingYet } from '../parts/States'
import { useList } from '../parts/useList'
import { Ident } from '../parts/Values'
import { networkParts, type Range, RANGES } from './number'

export function Ranges({ importButton }: { importButton: ReactNode }): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/numbers' })
  const { prefix, look } = useSearch({ from: '/shell/numbers' })
  const list = useList(RANGES, { prefix, limit: 200 })
  const filter = (to: string | undefined): void => void navigate({ search: (before) => ({ ...before, prefix: to?.replace(/\D/g, '') || undefined }) })
  const columns: Column<Range>[] = [
    { name: 'prefix', title: t('numbers.prefix'), width: 'minmax(9rem, 1fr)', cell: (row) => <Ident>{`+${row.prefix}`}</Ident> },
    { name: 'network', title: t('numbers.network'), width: 'minmax(9rem, 2fr)', cell: (row) => <Ident>{networkParts(row.network)}</Ident> },
  ]
  const fields: FilterField[] = [{ name: 'prefix', label: t('numbers.prefix'), kind: 'text', accepts: (typed) => /^\+?\d+$/.test(typed) }]
  return (
    <>
      <Text c="dimmed" maw="46rem" mb="sm">{t('numbers.rangesAbout')}</Text>
      <LookUp key={look} asked={look} />
      <FilterBar label={t('numbers.filterRanges')} fields={fields} value={{ prefix }} onChange={(to) => filter(text(to.prefix))} />
      <DataList
        list={list}
        columns={columns}
        label={t('numbers.ranges')}
        rowKey={(row) => row.prefix}
        empty={<NothingYet icon="tower" title={t('numbers.noRanges')} about={t('numbers.noRangesAbout')} action={importButton} />}
        onClear={prefix === undefined ? undefined : () => filter(undefined)}
      />
    </>
  )
}

/** Which network has this number? */
function LookUp({ asked }: { asked: string | undefined }): ReactNode {
  const t = useT()
  const api = useApi()
  const navigate = useNavigate({ from: '/numbers' })
  const [typed, setTyped] = useState(asked ?? '')
  const query = useQuery({
    queryKey: ['/v1/lookup', asked],
    queryFn: () => take(api.GET('/v1/lookup/{number}', { params: { path: { number: asked ?? '' } } })),
    enabled: asked !== undefined,
  })
  return (
    <form
      className="o-look-up"
      onSubmit={(event) => {
        event.preventDefault()
        void navigate({ search: (before) => ({ ...before, look: typed.trim() || undefined }), resetScroll: false })
      }}
    >
      <Group align="flex-end" gap="xs">
        <TextInput label={t('numbers.look')} type="tel" dir="ltr" placeholder="+4915112345678" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        <Button type="submit" variant="default" leftSection={<Icon name="search" />}>{t('numbers.lookDo')}</Button>
      </Group>
      <div aria-live="polite">
        {asked !== undefined && (
          <Found query={query} rows={1}>
            {(found) => (
              <p className="o-look-up-answer">
                {found.number === null ? t('numbers.impossible') : (
                  <>
                    <strong><bdi dir="ltr">{found.international_format ?? found.number}</bdi></strong>
                    {found.country !== null && <> · {countryName(found.country)}</>}
                    {' · '}
                    {found.network === null ? t('numbers.inNoRange') : <>{t('numbers.network')} <Ident>{networkParts(found.network)}</Ident></>}
                  </>
                )}
              </p>
            )}
          </Found>
        )}
      </div>
    </form>
  )
}
