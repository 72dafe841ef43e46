// The handsets that got a message, each as a phone, and beside them what webhooks got.
import { Button, Group, Text, Tooltip } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { ButtonLink } from '../parts/Link'
import { Found } from '../parts/States'
import { useList } from '../parts/useList'
import { Count, PhoneNumber, Time, Words } from '../parts/Values'
import { HANDSETS } from './handset'
import { Phone } from './Phone'
import { Told } from './Told'

const EVERY_MS = 2_000

export function Phones(): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/sandbox' })
  const { number } = useSearch({ from: '/shell/sandbox' })
  const open = (to: string): void => void navigate({ search: (before) => ({ ...before, number: to }), resetScroll: false })
  return (
    <div className="o-sandbox">
      <div>
        <Handsets chosen={number} onOpen={open} />
        <Told />
      </div>
      {number === undefined ? <p className="o-sandbox-hint">{t('sandbox.choose')}</p> : <Phone key={number} number={number} />}
    </div>
  )
}

type Chosen = { chosen: string | undefined; onOpen: (number: string) => void }

/** Every handset that has a message, the most recently used first. */
function Handsets({ chosen, onOpen }: Chosen): ReactNode {
  const t = useT()
  const list = useList(HANDSETS, { limit: 50 }, { every: EVERY_MS })
  return (
    <section aria-labelledby="handsets">
      <h2 id="handsets">{t('sandbox.handsets')}</h2>
      <Found query={list} rows={3}>
        {() =>
          list.rows.length === 0 ? (
            <div className="o-sandbox-empty">
              <Text c="dimmed">{t('sandbox.noHandsets')}</Text>
              <ButtonLink variant="default" to="/sandbox" search={(before) => ({ ...before, tab: undefined, number: undefined })}>{t('sandbox.toNumbers')}</ButtonLink>
            </div>
          ) : (
            <ul className="o-sandbox-phones">
              {list.rows.map((handset) => (
                <li key={handset.number}>
                  <button type="button" className="o-sandbox-phone" aria-pressed={chosen === handset.number} onClick={() => onOpen(handset.number)}>
                    <strong><PhoneNumber value={handset.number} /></strong>
                    <span><Words>{handset.network_name}</Words></span>
                    <Group justify="space-between" gap="xs">
                      <Tooltip label={t('sandbox.messages')}>
                        <span><Icon name="messages" size={14} /> <Count value={handset.messages} /></span>
                      </Tooltip>
                      <Time at={handset.last_at} />
                    </Group>
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Found>
      {list.hasNextPage && (
        <Button variant="subtle" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('parts.more')}
        </Button>
      )}
    </section>
  )
}
