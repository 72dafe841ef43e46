// A new job on messages of one account or of all: which messages, then the steps that every job has.
import { Button, Group, NativeSelect, SegmentedControl, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { CHANGES, type JobFilter, type Kind, KINDS } from '../messages/bulk'
import { BulkJob } from '../messages/BulkJob'
import { BulkSteps } from '../messages/BulkSteps'
import { Dialog } from '../parts/Dialog'
import { JOBS } from './desk'

/** Conditions that are texts, in the words of the API. */
const TEXTS = ['account', 'carrier', 'route', 'country', 'network', 'to', 'from', 'tag', 'batch_id', 'reference'] as const
const CLASSES = ['otp', 'transactional', 'marketing'] as const satisfies readonly NonNullable<components['schemas']['BulkFilterBody']['class']>[]

type Props = { /** Begins with what waits for this carrier, to be sent another way. */ carrier: string | undefined; onClose: () => void }

export function NewJob({ carrier, onClose }: Props): ReactNode {
  const t = useT()
  const queries = useQueryClient()
  const [kind, setKind] = useState<Kind>(carrier === undefined ? 'cancel' : 'reroute')
  const [given, setGiven] = useState<Partial<Record<(typeof TEXTS)[number] | 'class', string>>>(carrier === undefined ? {} : { carrier })
  const [test, setTest] = useState(false)
  const [filter, setFilter] = useState<JobFilter | null>(null)
  const [job, setJob] = useState<string | null>(null)
  const conditions = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value !== ''))
  const change = (name: keyof typeof given, value: string): void => {
    setGiven((before) => ({ ...before, [name]: value }))
    setFilter(null)
  }
  const count = (event: FormEvent): void => {
    event.preventDefault()
    if (Object.keys(conditions).length > 0) setFilter({ ...conditions, test })
  }
  return (
    <Dialog onClose={onClose} size="lg" title={t('desk.newJob')}>
      {job !== null ? (
        <BulkJob id={job} onClose={onClose} onEnded={() => void queries.invalidateQueries({ queryKey: [JOBS] })} />
      ) : (
        <Stack>
          <SegmentedControl
            aria-label={t('desk.job')}
            data={KINDS.map((value) => ({ value, label: t(`desk.job.${value}`) }))}
            value={kind}
            onChange={(to) => {
              setKind(KINDS.find((each) => each === to) ?? 'cancel')
              setFilter(null)
            }}
          />
          <Text size="sm">{t(`messages.bulk.${kind}.about`)}</Text>
          <form onSubmit={count}>
            <Stack gap="sm">
              <SimpleGrid cols={{ base: 1, xs: 2 }}>
                {TEXTS.map((name) => (
                  <TextInput key={name} label={t(`desk.only.${name}`)} value={given[name] ?? ''} dir={name === 'tag' || name === 'reference' ? 'auto' : 'ltr'} maxLength={100} autoComplete="off" onChange={(event) => change(name, event.currentTarget.value)} />
                ))}
                <NativeSelect
                  label={t('desk.only.class')}
                  data={[{ value: '', label: t('desk.everything') }, ...CLASSES.map((value) => ({ value, label: t(`messages.class.${value}`) }))]}
                  value={given.class ?? ''}
                  onChange={(event) => change('class', event.currentTarget.value)}
                />
              </SimpleGrid>
              <Switch
                label={t('desk.only.test')}
                checked={test}
                onChange={(event) => {
                  setTest(event.currentTarget.checked)
                  setFilter(null)
                }}
              />
              {filter === null && (
                <Group justify="flex-end">
                  <Button variant="default" onClick={onClose}>
                    {t('parts.cancel')}
                  </Button>
                  <Button type="submit" disabled={Object.keys(conditions).length === 0}>
                    {t('desk.countThem')}
                  </Button>
                </Group>
              )}
            </Stack>
          </form>
          {filter !== null && <BulkSteps key={JSON.stringify([kind, filter])} kind={kind} filter={filter} statuses={CHANGES[kind]} here={null} onStarted={setJob} onClose={onClose} />}
        </Stack>
      )}
    </Dialog>
  )
}
