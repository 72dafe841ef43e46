// The beginning: the language, then the page.
import 'virtual:mantine'
import './app/base.css'
import { DirectionProvider, MantineProvider } from '@mantine/core'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Direction } from './app/Direction'
import { router } from './app/router'
import { schemeManager } from './app/scheme'
import { theme, variables } from './app/theme'
import { watchUpgrades } from './app/upgrade'
import { beginLanguage } from './i18n/i18n'
import { Notices } from './parts/Notices'
import { Gates } from './signin/Gates'

const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''
// Where the styles that a dialog adds (react-remove-scroll) look for it.
Object.assign(globalThis, { __webpack_nonce__: nonce })

watchUpgrades()
await beginLanguage('shell', 'parts')

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <DirectionProvider detectDirection={false}>
        <MantineProvider
          theme={theme}
          cssVariablesResolver={variables}
          colorSchemeManager={schemeManager}
          defaultColorScheme="auto"
          getStyleNonce={() => nonce}
        >
          <Direction />
          <Notices />
          <RouterProvider router={router} />
          <Gates />
        </MantineProvider>
      </DirectionProvider>
    </StrictMode>,
  )
}
