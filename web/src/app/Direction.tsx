// Tells Mantine in which direction the language is written.
import { useDirection } from '@mantine/core'
import { useEffect } from 'react'
import { useLanguage } from '../i18n/i18n'
import { directionOf } from '../i18n/languages'

export function Direction(): null {
  const language = useLanguage()
  const { setDirection } = useDirection()
  useEffect(() => setDirection(directionOf(language)), [language, setDirection])
  return null
}
