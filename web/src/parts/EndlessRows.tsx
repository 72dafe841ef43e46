// The rows of a list that scrolls with the page: those in sight, and a few around them.
import { Button } from '@mantine/core'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { usePreference } from '../app/preferences'
import { useT } from '../i18n/i18n'
import { HEIGHT } from './columns'
import type { RowsProps } from './DataList'
import { ListRow, toggled } from './ListRow'
import { ListTable } from './ListTable'
import { useRowKeys } from './rows'

// Its types are lost on the way.
export const EndlessRows = memo(Rows) as typeof Rows

function Rows<R>(props: RowsProps<R>): ReactNode {
  const t = useT()
  const { list, rowKey, select } = props
  const density = usePreference('density', 'comfortable')
  const body = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    setTop(body.current === null ? 0 : body.current.getBoundingClientRect().top + window.scrollY)
  }, [])
  const virtual = useWindowVirtualizer({
    count: list.rows.length,
    estimateSize: () => HEIGHT[density],
    overscan: 12,
    scrollMargin: top,
    getItemKey: (place) => {
      const row = list.rows[place]
      return row === undefined ? place : rowKey(row)
    },
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const { hasNextPage, isFetching, isFetchingNextPage, fetchNextPage } = list
  const near = last >= list.rows.length - 20
  useEffect(() => {
    // Not while the whole list is read again: that would end.
    if (near && hasNextPage && !isFetching && !list.error) void fetchNextPage()
  }, [near, hasNextPage, isFetching, fetchNextPage, list.error])

  const toggle = (place: number): void => {
    const row = list.rows[place]
    if (row !== undefined) select?.change((keys) => toggled(keys, rowKey(row)))
  }
  useRowKeys({ body, count: list.rows.length, reveal: (place) => virtual.scrollToIndex(place), toggle: select && toggle })

  return (
    <>
      <ListTable {...props} within={list.rows} body={body} style={{ blockSize: virtual.getTotalSize(), position: 'relative' }}>
        {items.map((item) => {
          const row = list.rows[item.index]
          if (row === undefined) return null
          return (
            <ListRow
              key={item.key}
              ref={virtual.measureElement}
              row={row}
              place={item.index}
              columns={props.columns}
              rowTone={props.rowTone}
              rowProps={props.rowProps}
              id={rowKey(row)}
              select={select}
              offset={item.start - virtual.options.scrollMargin}
            />
          )
        })}
      </ListTable>
      {hasNextPage && (
        <Button variant="subtle" fullWidth loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('parts.more')}
        </Button>
      )}
    </>
  )
}
