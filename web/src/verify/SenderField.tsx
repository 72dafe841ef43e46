// The sender of a profile. What happens without one is said before it is saved: the account's own is used, if it has one.
import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { take } from '../api/client'
import { useApi, useMay } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import type { FieldProps } from '../parts/useForm'

/** The sender of an account for every country that it names none for. */
const EVERYWHERE = '*'

export function SenderField({ needed, ...field }: FieldProps<string> & { /** Whether codes go out as text messages. */ needed: boolean }): ReactNode {
  const t = useT()
  const api = useApi()
  const { data } = useQuery({ queryKey: ['/v1/account'], queryFn: ({ signal }) => take(api.GET('/v1/account', { signal })), enabled: useMay('GET /v1/account') })
  const senders = data?.defaults.senders
  const own = senders?.[EVERYWHERE]
  const none = needed && field.value.trim() === '' && senders !== undefined && Object.keys(senders).length === 0
  const about = own === undefined ? t('verify.senderAbout') : t('verify.senderDefault', { sender: own })
  return (
    <TextInput
      {...field}
      label={t('verify.sender')}
      description={
        none ? (
          <span className="o-verify-warns">
            <Icon name="alert" size={14} /> {t('verify.senderNone')}
          </span>
        ) : (
          about
        )
      }
      dir="ltr"
      autoComplete="off"
      maxLength={40}
    />
  )
}
