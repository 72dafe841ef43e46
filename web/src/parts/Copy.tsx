// Copies a value, and says that it did.
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from './Icon'

/** `withText`: a button with a word; else an icon whose name says what is copied. */
export function Copy({ value, what, withText = false }: { value: string; what: string; withText?: boolean }): ReactNode {
  const t = useT()
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await toClipboard(value)
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  const word = copied ? t('parts.copied') : t('parts.copy')
  const icon = <Icon name={copied ? 'check' : 'copy'} size={16} />
  if (withText) {
    return (
      <Button variant="default" size="xs" leftSection={icon} onClick={() => void copy()} aria-label={`${word}: ${what}`}>
        {word}
      </Button>
    )
  }
  return (
    <Tooltip label={copied ? word : `${word}: ${what}`}>
      <ActionIcon variant="subtle" color="gray" size="md" onClick={() => void copy()} aria-label={`${word}: ${what}`}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}

/** Copy a text. Without the clipboard of secure pages (plain HTTP beyond this machine), by a hidden field. */
export async function toClipboard(value: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(value)
  const field = document.createElement('textarea')
  field.value = value
  field.setAttribute('readonly', '')
  field.className = 'o-visually-hidden'
  document.body.append(field)
  field.select()
  document.execCommand('copy')
  field.remove()
}
