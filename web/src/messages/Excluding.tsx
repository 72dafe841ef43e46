// Filters that leave nothing: the one without which there is most, and the way to drop it.
import { Text } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { type FilterField, type Filters, labelOf, valuesOf } from '../parts/FilterBar'
import { useFormat } from '../parts/format'
import { TextLink } from '../parts/Link'
import { useFields } from './fields'
import type { MessagesSearch } from './shape'
import { countsQuery, useCountText } from './Views'

const without = (search: MessagesSearch, { name }: FilterField): MessagesSearch => ({ ...search, [name]: undefined })

export function Excluding({ search, anchor }: { search: MessagesSearch; anchor: number }): ReactNode {
  const t = useT()
  const api = useApi()
  const format = useFormat()
  const text = useCountText()
  const values: Filters = search
  const set = useFields().filter((field) => valuesOf(values[field.name]).length > 0)
  const counted = useQueries({ queries: set.map((field) => countsQuery(api, without(search, field), anchor)) })
  const [most] = set
    .map((field, place) => ({ field, counts: counted[place]?.data }))
    .filter(({ counts }) => (counts?.total ?? 0) > 0)
    .toSorted((a, b) => (b.counts?.total ?? 0) - (a.counts?.total ?? 0))
  if (most === undefined || counted.some((query) => query.isPending)) return <Text>{t('parts.noMatchAbout')}</Text>
  const { field, counts } = most
  const filter = `${field.label}: ${format.list(valuesOf(values[field.name]).map((value) => labelOf(field, value)))}`
  return (
    <>
      <Text>{t('messages.hides', { filter, number: text(counts) })}</Text>
      <TextLink to="/messages" search={({ account, mode }) => ({ account, mode, ...without(search, field) })}>
        {t('messages.without')}
      </TextLink>
    </>
  )
}
