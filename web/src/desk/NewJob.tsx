// A new job on messages of one account or of all: which messages, then the steps that every job has.
import { Button, Group, SegmentedControl, Stack, Switch, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useT } from '../i18n/i18n'
import { type Kind, KINDS } from '../messages/bulk'
import { BulkJob } from '../messages/BulkJob'
import { BulkSteps } from '../messages/BulkSteps'
import { Dialog } from '../parts/Dialog'
import { FilterBar, type Filters, isFiltered } from '../parts/FilterBar'
import { Marked } from '../parts/Ident'
import { JOBS } from './desk'
import { type Chosen, chosenFrom, filtersOf, useJobFields, wantedOf } from './jobFields'

type Props = { /** Begins with what waits for this carrier, to be sent another way. */ carrier: string | undefined; onClose: () => void }

export function NewJob({ carrier, onClose }: Props): ReactNode {
  const t = useT()
  const queries = useQueryClient()
  const [kind, setKind] = useState<Kind>(carrier === undefined ? 'cancel' : 'reroute')
  const [chosen, setChosen] = useState<Chosen>({ search: carrier === undefined ? {} : { carrier }, own: {} })
  const [test, setTest] = useState(false)
  const [wanted, setWanted] = useState<ReturnType<typeof wantedOf> | null>(null)
  const [job, setJob] = useState<string | null>(null)
  const fields = useJobFields()
  const change = (to: Filters): void => {
    setChosen(chosenFrom(to, chosen))
    setWanted(null)
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
              setWanted(null)
            }}
          />
          <Text size="sm">{t(`messages.bulk.${kind}.about`)}</Text>
          <Stack gap="sm">
            <Text size="sm"><Marked>{t('desk.whichAbout')}</Marked></Text>
            <FilterBar label={t('desk.which')} fields={fields} value={filtersOf(chosen)} onChange={change} />
            <Switch
              label={t('desk.only.test')}
              checked={test}
              onChange={(event) => {
                setTest(event.currentTarget.checked)
                setWanted(null)
              }}
            />
            {wanted === null && (
              <Group justify="flex-end">
                <Button variant="default" onClick={onClose}>
                  {t('parts.cancel')}
                </Button>
                <Button disabled={!isFiltered(fields, filtersOf(chosen))} onClick={() => setWanted(wantedOf(kind, chosen, Date.now(), test))}>
                  {t('desk.countThem')}
                </Button>
              </Group>
            )}
          </Stack>
          {wanted !== null && <BulkSteps key={JSON.stringify([kind, wanted])} kind={kind} filter={wanted.filter} statuses={wanted.statuses} here={null} onStarted={setJob} onClose={onClose} />}
        </Stack>
      )}
    </Dialog>
  )
}
