// Two operators changed a carrier at once: what the other one changed, and which value stays where both did.
import { Button, Group, Radio, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Dialog } from '../parts/Dialog'
import { Who as WhoName } from '../parts/Named'
import { type Schema, titleOf } from '../parts/schema'
import { Ident, Time } from '../parts/Values'
import { type Carrier, clashesOf, joined, settingIn, type Values } from './form'
import { useSay } from './names'
import './form.css'

type Props = {
  before: Values
  theirs: Values
  mine: Values
  /** The carrier as it is now. */
  carrier: Carrier
  schema: Schema
  onClose: () => void
  /** Go on with these values, on top of theirs. */
  onSettle: (values: Values) => Promise<void>
}

export function Conflict({ before, theirs, mine, carrier, schema, onClose, onSettle }: Props): ReactNode {
  const t = useT()
  const [keep, setKeep] = useState<ReadonlySet<string>>(new Set())
  const [busy, setBusy] = useState(false)
  const clashes = clashesOf(before, theirs, mine)
  const choose = (field: string, mineStays: boolean): void => {
    const next = new Set(keep)
    if (mineStays) next.add(field)
    else next.delete(field)
    setKeep(next)
  }
  const settle = async (values: Values): Promise<void> => {
    setBusy(true)
    try {
      await onSettle(values)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog onClose={onClose} size="xl" title={t('carriers.clash', { name: carrier.name })}>
      <Stack>
        <div>
          <Text>{t('carriers.clashAbout')}</Text>
          <Who carrier={carrier} />
        </div>
        {clashes.length === 0 && <Text c="dimmed">{t('carriers.clashUnseen')}</Text>}
        <ul className="o-clashes">
          {clashes.map((clash) => (
            <li key={clash.field}>
              <strong id={`clash-${clash.field}`}><FieldName field={clash.field} schema={schema} /></strong>
              <Text size="sm" c="dimmed">
                {t('carriers.was')} <Shown value={clash.before} />
              </Text>
              {clash.both ? (
                <Radio.Group aria-labelledby={`clash-${clash.field}`} value={keep.has(clash.field) ? 'mine' : 'theirs'} onChange={(to) => choose(clash.field, to === 'mine')}>
                  <Stack gap={6} mt={6}>
                    <Radio value="theirs" label={<>{t('carriers.theirs')} <Shown value={clash.theirs} /></>} />
                    <Radio value="mine" label={<>{t('carriers.mine')} <Shown value={clash.mine} /></>} />
                  </Stack>
                </Radio.Group>
              ) : (
                <Text size="sm">
                  {t('carriers.isNow')} <Shown value={clash.theirs} />
                </Text>
              )}
            </li>
          ))}
        </ul>
        <Group justify="flex-end">
          <Button variant="subtle" onClick={onClose}>{t('parts.cancel')}</Button>
          <Button variant="default" disabled={busy} onClick={() => void settle(theirs)}>{t('carriers.takeTheirs')}</Button>
          <Button loading={busy} onClick={() => void settle(joined(before, theirs, mine, keep))}>{t('carriers.saveOnTop')}</Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

/** Who made the last change, if one may read that. */
function Who({ carrier }: { carrier: Carrier }): ReactNode {
  const t = useT()
  const api = useApi()
  const may = useMay('GET /v1/audit')
  const { data } = useQuery({
    queryKey: ['/v1/audit', 'last', carrier.id, carrier.version],
    queryFn: () => take(api.GET('/v1/audit', { params: { query: { object_id: carrier.id, action: 'changed', limit: 1 } } })),
    enabled: may,
  })
  const [entry] = data?.data ?? []
  if (entry === undefined) return null
  return (
    <Text size="sm" c="dimmed">
      {t('carriers.lastChange')} <WhoName who={entry.actor} /> · <Time at={entry.created_at} />
    </Text>
  )
}

function FieldName({ field, schema }: { field: string; schema: Schema }): ReactNode {
  const t = useT()
  const say = useSay()
  const setting = settingIn(field)
  if (setting !== null) return say(titleOf(setting, schema))
  const own = ({ name: 'carriers.name', enabled: 'carriers.enabled', cost_per_segment: 'carriers.cost', currency: 'carriers.currency' } as const)[field]
  return own === undefined ? field : t(own)
}

function Shown({ value }: { value: unknown }): ReactNode {
  const t = useT()
  if (value === undefined || value === null || value === '') return t('carriers.standard')
  return <Ident>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</Ident>
}
