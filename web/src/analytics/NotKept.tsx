// What stands in place of an answer that the statistics cannot give: the filters that they do not keep with it.
import { Button, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { State } from '../parts/States'
import { useDrop } from './useDrop'
import type { Filter } from './view'

export function NotKept({ filters }: { filters: readonly Filter[] }): ReactNode {
  const t = useT()
  const drop = useDrop()
  const count = filters.length
  return (
    <State
      icon="filter"
      title={t('analytics.notKept', { count, filters: filters.map((each) => t(`analytics.f.${each}`)).join(', ') })}
      action={<Button variant="default" onClick={() => drop(filters)}>{t('analytics.drop', { count })}</Button>}
    >
      <Text>{t('analytics.notKeptAbout', { count })}</Text>
    </State>
  )
}
