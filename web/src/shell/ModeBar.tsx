// The bar over everything that says whether this is live: by colour, word and icon. It never shrinks.
import { type ReactNode, useEffect } from 'react'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { showModeInTab } from './tab'

export function ModeBar(): ReactNode {
  const t = useT()
  const me = useMe()
  const test = me.mode === 'test'
  useEffect(() => showModeInTab(test), [test])
  return (
    <div className="o-mode" data-mode={me.mode} role="status">
      <Icon name={test ? 'flask' : 'tower'} size={16} />
      <strong>{test ? t('shell.test') : t('shell.live')}</strong>
      <span className="o-mode-about">{test ? t('shell.testAbout') : t('shell.liveAbout')}</span>
    </div>
  )
}
