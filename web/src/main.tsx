// The beginning: the language, and beside it what the page needs; then the page.
import 'virtual:mantine'
import './app/base.css'
import { createRoot } from 'react-dom/client'
import { beginPage } from './app/ahead'
import { App } from './app/App'
import { tellDropped } from './app/dropped'
import { watchUpgrades } from './app/upgrade'
import { beginLanguage } from './i18n/i18n'

const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''
// Where the styles that a dialog adds (react-remove-scroll) look for it.
Object.assign(globalThis, { __webpack_nonce__: nonce })

watchUpgrades()
const language = beginLanguage('shell', 'parts')
beginPage()
await language
tellDropped()

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App nonce={nonce} />)
