// Whom it goes to: one number, a pasted list, or a column of a file.
import { SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { lazy, type ReactNode, Suspense } from 'react'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { isNumber, MOST, type Recipients as Found } from './recipients'

const File = lazy(() => import('./File').then(({ File: component }) => ({ default: component })))

export type Kind = 'one' | 'list' | 'file'
const KINDS = ['one', 'list', 'file'] as const

type Input = { name: string; value: string; onChange: (given: unknown) => void; 'data-field': string }
type Props = {
  kind: Kind
  onKind: (kind: Kind) => void
  to: Input
  list: Input
  errors: { to: ReactNode; list: ReactNode }
  found: Found
  onFile: (found: Found) => void
}

export function Recipients({ kind, onKind, to, list, errors, found, onFile }: Props): ReactNode {
  const t = useT()
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label={t('send.whom')}
        value={kind}
        onChange={(given) => onKind(KINDS.find((each) => each === given) ?? 'one')}
        data={KINDS.map((value) => ({ value, label: t(`send.kind.${value}`) }))}
      />
      {kind === 'one' && <TextInput {...to} error={errors.to} label={t('send.to')} description={t('send.toAbout')} placeholder="+4915112345678" dir="ltr" type="tel" autoComplete="off" />}
      {kind === 'list' && <Textarea {...list} error={errors.list} label={t('send.list')} description={t('send.listAbout')} dir="ltr" autosize minRows={4} maxRows={12} />}
      {kind === 'file' && (
        <Suspense>
          <File onFile={onFile} error={errors.list} />
        </Suspense>
      )}
      {kind !== 'one' && <Sum found={found} />}
    </Stack>
  )
}

function Sum({ found }: { found: Found }): ReactNode {
  const t = useT()
  const format = useFormat()
  const { numbers, repeated } = found
  const odd = numbers.filter((number) => !isNumber(number))
  return (
    <Text size="sm" role="status">
      <strong>{t('send.recipients', { number: format.number(numbers.length) })}</strong>
      {repeated > 0 && ` · ${t('send.repeated', { number: format.number(repeated) })}`}
      {odd.length > 0 && (
        <>
          {' · '}
          {t('send.odd', { number: format.number(odd.length) })} <bdi dir="ltr">{odd.slice(0, 3).join(', ')}</bdi>
        </>
      )}
      {numbers.length > MOST && ` · ${t('send.tooMany', { number: format.number(MOST) })}`}
    </Text>
  )
}
