// What stands in place of data: it is being read, there is none yet, none matches, one may not read it, or it could
// not be read. Each says what to do next.
import { Button, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import { isRefusal, Refusal } from '../api/problem'
import type { Scope } from '../api/scopes'
import { hasText, useT } from '../i18n/i18n'
import { Icon, type IconName } from './Icon'
import { RefusalText } from './RefusalText'
import { Ident } from './Ident'
import { WhomToAsk } from './WhomToAsk'
import './parts.css'

type StateProps = { icon: IconName; title: string; children?: ReactNode; action?: ReactNode; role?: 'alert' | 'status' }

/** The form of all of them. */
export function State({ icon, title, children, action, role }: StateProps): ReactNode {
  return (
    <Paper withBorder p="lg" radius="md" className="o-state" role={role}>
      <Group align="flex-start" wrap="nowrap" gap="md">
        <Icon name={icon} size={26} />
        <Stack gap="xs" align="flex-start">
          <Title order={2} size="h4">
            {title}
          </Title>
          {children}
          {action}
        </Stack>
      </Group>
    </Paper>
  )
}

/** Grey bars, after a moment: what is there at once does not flash. They have their place and are busy from the beginning. */
export function Waiting({ rows = 6, height = 34 }: { rows?: number; height?: number }): ReactNode {
  const t = useT()
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150)
    return () => clearTimeout(timer)
  }, [])
  return (
    <Stack gap={6} aria-busy="true" className="o-waiting" data-shown={shown}>
      <span className="o-visually-hidden" role="status">
        {shown && t('parts.reading')}
      </span>
      {Array.from({ length: rows }, (_, place) => (
        <Skeleton key={place} height={height} radius="sm" />
      ))}
    </Stack>
  )
}

type NothingYetProps = { icon: IconName; title: string; about: string; action?: ReactNode }

/** There is none yet: what it is for, and the one next step. */
export function NothingYet({ icon, title, about, action }: NothingYetProps): ReactNode {
  return (
    <State icon={icon} title={title} action={action}>
      <Text maw="38rem">{about}</Text>
    </State>
  )
}

type NothingMatchesProps = { onClear: () => void; /** More about it, in place of a general word. */ children?: ReactNode }

/** There are some, but none matches the filters. */
export function NothingMatches({ onClear, children }: NothingMatchesProps): ReactNode {
  const t = useT()
  return (
    <State
      icon="filter"
      title={t('parts.noMatch')}
      action={
        <Button variant="default" onClick={onClear}>
          {t('parts.clearFilters')}
        </Button>
      }
    >
      {children ?? <Text>{t('parts.noMatchAbout')}</Text>}
    </State>
  )
}

/** One's role lacks the right. */
export function Forbidden({ scope }: { scope: Scope | string }): ReactNode {
  const t = useT()
  const right = `rights.${scope}`
  return (
    <State icon="lock" title={t('parts.forbidden')}>
      <Text>
        {t('parts.forbiddenScope')} {hasText(right) && <>“{t(right)}” </>}<Ident>{scope}</Ident>
      </Text>
      <Text c="dimmed"><WhomToAsk scope={scope} /></Text>
    </State>
  )
}

type UnreadProps = { error: unknown; onAgain: () => void; stale?: boolean; busy?: boolean }

/** It could not be read. `stale`: what was read before is still shown below. `busy`: it is being read again. */
export function Unread({ error, onAgain, stale = false, busy = false }: UnreadProps): ReactNode {
  const t = useT()
  if (isRefusal(error, 'forbidden')) return <Forbidden scope={error.problem.scope ?? ''} />
  return (
    <State
      icon="alert"
      role="alert"
      title={stale ? t('parts.stale') : t('parts.unread')}
      action={
        <Button variant="default" onClick={onAgain} loading={busy} leftSection={<Icon name="refresh" />}>
          {t('parts.tryAgain')}
        </Button>
      }
    >
      {error instanceof Refusal ? <RefusalText refusal={error} /> : <Text>{String(error)}</Text>}
    </State>
  )
}

export type Asked<T> = { data: T | undefined; error: unknown; refetch: () => unknown; isFetching?: boolean; errorUpdateCount?: number }

/** Why a query found nothing, also while it is read again: whenever the feed has a gap, the words and their heading would
 * be gone for a moment, and with them the focus. */
export function useRefusal({ data, error, errorUpdateCount = 0 }: Asked<unknown>): unknown {
  const [last, setLast] = useState<unknown>(null)
  const now = error ?? (data === undefined && errorUpdateCount > 0 ? last : null)
  if (now !== last) setLast(now)
  return now
}

/** What a query found, or the state in its place; what was found before a failure stays, with a word above it. */
export function Found<T>({ query, rows, children }: { query: Asked<T>; rows?: number; children: (data: T) => ReactNode }): ReactNode {
  const error = useRefusal(query)
  const again = (): void => void query.refetch()
  if (query.data === undefined) {
    return error ? <Unread error={error} onAgain={again} busy={query.isFetching} /> : <Waiting rows={rows} />
  }
  return (
    <>
      {error ? <Unread error={error} onAgain={again} busy={query.isFetching} stale /> : null}
      {children(query.data)}
    </>
  )
}
