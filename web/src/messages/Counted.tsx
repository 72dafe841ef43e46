// How many messages of the list have each status, country, error or another value: one chooses which. Each number leads to
// the list that it counts.
//
// Rules kept here:
// - the filter for what is counted, and what it leaves out, do not count, so that one sees what else could be chosen;
// - the most frequent values are shown, and how many others there are.
import { NativeSelect } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { memo, type ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { TextLink } from '../parts/Link'
import { Ident, Words } from '../parts/Values'
import { SAME } from '../parts/Views'
import { useErrorText } from './errors'
import { countryShown } from './fields'
import { CLASSES, DIRECTIONS, type Group, GROUPS, type MessagesSearch, NONE, STATUSES } from './shape'
import { useCounts, useCountText } from './Views'

/** So many values are shown. */
const MOST = 20
/** Under this the API counts the messages without a value. */
const NULL = 'null'

type Props = { search: MessagesSearch; anchor: number; by: Group }

export const Counted = memo(function Counted({ search, anchor, by }: Props): ReactNode {
  const t = useT()
  const format = useFormat()
  const text = useCountText()
  const isOwn = ([name]: [string, unknown]): boolean => name === by || name === `${by}_not`
  const filters = Object.entries(search).filter(([, value]) => value !== undefined)
  const others: MessagesSearch = Object.fromEntries(filters.filter((each) => !isOwn(each)))
  const own = filters.filter(isOwn)
  const query = useCounts(others, anchor, { by })
  const data = query.data?.group_by === by ? query.data : undefined
  const chosen: readonly string[] = [search[by] ?? []].flat()
  const only = own.length === 1 && chosen.length === 1 ? chosen[0] : undefined
  const values = valuesOf(by, data?.counts ?? {}, chosen)
  const page = by === 'status' ? {} : { by }
  return (
    <div className="o-counted">
      <By value={by} />
      <nav className="o-counts" aria-label={t(`messages.by.${by}`)}>
        <TextLink size="sm" activeOptions={SAME} to="/messages" search={{ ...page, ...others }} aria-current={own.length === 0 ? 'true' : undefined}>
          {t('messages.total')} <bdi className="o-views-count">{text(data)}</bdi>
        </TextLink>
        {values.slice(0, MOST).map((value) => (
          <TextLink
            key={value}
            size="sm"
            activeOptions={SAME}
            to="/messages"
            search={{ ...page, ...others, [by]: by === 'status' ? [value] : value }}
            aria-current={only === value ? 'true' : undefined}
          >
            <Name by={by} value={value} /> <bdi className="o-views-count">{text(data, data?.counts[value === NONE ? NULL : value] ?? 0)}</bdi>
          </TextLink>
        ))}
        {values.length > MOST && <span className="o-absent">{t('messages.moreValues', { number: format.number(values.length - MOST) })}</span>}
      </nav>
    </div>
  )
})

function By({ value }: { value: Group }): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/messages' })
  const choose = (to: Group | undefined): void => void navigate({ search: (before) => ({ ...before, by: to === 'status' ? undefined : to }), resetScroll: false })
  return (
    <NativeSelect
      size="xs"
      aria-label={t('messages.countBy')}
      value={value}
      data={GROUPS.map((each) => ({ value: each, label: t(`messages.by.${each}`) }))}
      onChange={(event) => choose(GROUPS.find((each) => each === event.currentTarget.value))}
    />
  )
}

/** The values in their order: statuses as a message goes through them, others by how many there are. Those that the list
 * is filtered by are there, however few. */
export function valuesOf(by: Group, counts: Record<string, number>, chosen: readonly string[]): string[] {
  if (by === 'status') return STATUSES.filter((status) => (counts[status] ?? 0) > 0 || chosen.includes(status))
  const found = Object.entries(counts)
    .toSorted(([one, many], [other, more]) => more - many || (one < other ? -1 : 1))
    .map(([value]) => (value === NULL ? NONE : value))
  return [...found, ...chosen.filter((value) => !found.includes(value))]
}

function Name({ by, value }: { by: Group; value: string }): ReactNode {
  const t = useT()
  const error = useErrorText()
  const known = <const V extends string>(values: readonly V[]): V | undefined => values.find((each) => each === value)
  if (value === NONE) return t('parts.none')
  if (by === 'network') return <Ident>{value}</Ident>
  if (by === 'country') return countryShown(value)
  if (by === 'error_code') return <Words>{error({ code: value, title: value })}</Words>
  const status = by === 'status' ? known(STATUSES) : undefined
  if (status !== undefined) return t(`messages.status.${status}`)
  const class_ = by === 'class' ? known(CLASSES) : undefined
  if (class_ !== undefined) return t(`messages.class.${class_}`)
  const direction = by === 'direction' ? known(DIRECTIONS) : undefined
  return direction === undefined ? value : t(`messages.direction.${direction}`)
}
