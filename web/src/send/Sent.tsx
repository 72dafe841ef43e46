// What became of a batch: how many were accepted, and each refusal with its number and reason.
import { Group, Table } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import type { components } from '../api/schema'
import { useT } from '../i18n/i18n'
import { useFormat } from '../parts/format'
import { ButtonLink } from '../parts/Link'
import { PhoneNumber, ServerWords } from '../parts/Values'

export type Accepted = components['schemas']['BatchAccepted']
const MOST_SHOWN = 100

export function Sent({ batch, numbers }: { batch: Accepted; numbers: readonly string[] }): ReactNode {
  const t = useT()
  const format = useFormat()
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => head.current?.focus(), [batch.id]) // it is above the form, perhaps out of sight
  return (
    <section className="o-sent" role="status" aria-label={t('send.sent')}>
      <h2 ref={head} tabIndex={-1}>{t('send.accepted', { number: format.number(batch.accepted) })}</h2>
      <Group>
        <ButtonLink to="/batches/$id" params={{ id: batch.id }}>
          {t('send.follow')}
        </ButtonLink>
      </Group>
      {batch.refused > 0 && (
        <>
          <h3>{t('send.refused', { number: format.number(batch.refused) })}</h3>
          <Table>
            <Table.Tbody>
              {batch.refusals.slice(0, MOST_SHOWN).map((refusal) => (
                <Table.Tr key={refusal.index}>
                  <Table.Th scope="row">
                    <PhoneNumber value={numbers[refusal.index]} />
                  </Table.Th>
                  <Table.Td>
                    <ServerWords>{refusal.detail}</ServerWords>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
    </section>
  )
}
