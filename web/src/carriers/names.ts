// The names of types, and the titles of the groups of settings in the person's language. Groups of extensions have the
// server's title alone.
import { createElement, type ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { useSentences } from '../i18n/sentences'
import { ServerWords } from '../parts/Ident'

const GROUPS = [
  'account', 'address', 'binds', 'tls', 'timing', 'rate', 'receipts', 'writing', 'errors', 'request', 'auth', 'answer', 'callbacks', 'network', 'failures',
] as const

export function useGroupTitle(): (name: string, title: string) => ReactNode {
  const t = useT()
  return (name) => {
    const known = GROUPS.find((each) => each === name)
    return known === undefined ? undefined : t(`carriers.group.${known}`)
  }
}

/** Titles and help texts of settings in the person's language. Those of extensions are as the server has them. */
export function useSay(): (english: string) => ReactNode {
  const sentence = useSentences('carriers')
  return (english) => sentence(english) ?? createElement(ServerWords, null, english)
}

/** How providers write themselves. */
const TYPES: Record<string, string> = {
  smpp: 'SMPP', http: 'HTTP', infobip: 'Infobip', messagebird: 'MessageBird', onesixty: 'onesixty', plivo: 'Plivo', sinch: 'Sinch', telnyx: 'Telnyx', twilio: 'Twilio', vonage: 'Vonage',
}

/** The name of a type of carriers; that of an extension is its own. */
export function useTypeName(): (type: string) => string {
  const t = useT()
  return (type) => TYPES[type] ?? (type === 'simulator' ? t('carriers.kind.simulator') : type)
}
