// The profile of one account, for the operator who decides on it.
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { Named } from '../parts/Named'
import { TextLink } from '../parts/Link'
import { PageHead } from '../parts/PageHead'
import { OneProfile } from './OneProfile'

export function AccountProfilePage(): ReactNode {
  const t = useT()
  const { id } = useParams({ from: '/shell/profile/$id' })
  return (
    <>
      <PageHead
        before={
          <TextLink to="/profile" search={{ view: 'queue' }} size="sm">
            <Icon name="left" size={14} /> {t('profile.queue')}
          </TextLink>
        }
        title={t('profile.title')}
        about={<Named id={id} />}
      />
      <OneProfile key={id} id={id} />
    </>
  )
}
