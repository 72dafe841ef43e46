// The invitations of the account: open ones can be sent again or withdrawn.
import { Button, Group } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { ConfirmDialog } from '../parts/ConfirmDialog'
import { type Column, DataList } from '../parts/DataList'
import { notify, notifyRefusal } from '../parts/Notices'
import { NothingYet } from '../parts/States'
import { StatusBadge, type Tone } from '../parts/StatusBadge'
import { useList } from '../parts/useList'
import { Ident, Time } from '../parts/Values'
import type { Link } from './LinkDialog'
import { INVITATIONS, type Invitation, roleWord } from './user'

const TONES: Record<Invitation['state'], Tone> = { open: 'info', accepted: 'good', expired: 'quiet' }

export function Invitations({ onLink, invite }: { onLink: (link: Link) => void; invite: ReactNode }): ReactNode {
  const t = useT()
  const api = useApi()
  const queries = useQueryClient()
  const [ending, setEnding] = useState<Invitation | null>(null)
  const list = useList(INVITATIONS, { limit: 100 })
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: [INVITATIONS] })
  const renew = async ({ id }: Invitation): Promise<void> => {
    try {
      const made = await take(api.POST('/v1/invitations/{id}/renew', { params: { path: { id } } }))
      await again()
      if (made.link === undefined) notify(t('users.mailed', { email: made.email }))
      else onLink({ what: 'invitation', email: made.email, link: made.link, ends: made.expires_at })
    } catch (error) {
      notifyRefusal(error)
    }
  }
  const revoke = async ({ id }: Invitation): Promise<void> => {
    await take(api.DELETE('/v1/invitations/{id}', { params: { path: { id } } }))
    await again()
  }
  const columns: Column<Invitation>[] = [
    { name: 'email', title: t('users.email'), width: 'minmax(12rem, 3fr)', cell: (row) => <Ident>{row.email}</Ident> },
    { name: 'role', title: t('users.role'), cell: (row) => roleWord(row.role) },
    { name: 'state', title: t('users.state'), width: '9rem', cell: (row) => <StatusBadge tone={TONES[row.state]}>{t(`users.state.${row.state}`)}</StatusBadge> },
    { name: 'ends', title: t('users.ends'), cell: (row) => <Time at={row.expires_at} /> },
    {
      name: 'acts', title: t('users.acts'), width: 'minmax(13rem, 1fr)',
      cell: (row) =>
        row.state !== 'accepted' && (
          <Group gap="xs">
            <Button size="compact-sm" variant="default" onClick={() => void renew(row)} aria-label={`${t('users.renew')}: ${row.email}`}>
              {t('users.renew')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setEnding(row)} aria-label={`${t('users.withdraw')}: ${row.email}`}>
              {t('users.withdraw')}
            </Button>
          </Group>
        ),
    },
  ]
  return (
    <>
      <DataList
        list={list}
        columns={columns}
        label={t('users.invitations')}
        rowKey={(row) => row.id}
        rowTone={(row) => (row.state === 'open' ? undefined : 'faded')}
        empty={<NothingYet icon="people" title={t('users.noInvitation')} about={t('users.noInvitationAbout')} action={invite} />}
      />
      {ending !== null && (
        <ConfirmDialog title={t('users.withdrawTitle', { email: ending.email })} action={t('users.withdraw')} onClose={() => setEnding(null)} onConfirm={() => revoke(ending)}>
          {t('users.withdrawAbout')}
        </ConfirmDialog>
      )}
    </>
  )
}
