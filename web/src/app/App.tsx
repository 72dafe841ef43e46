// All that is drawn: the frame with its providers, the router's pages, notices, and the dialogs at the gates.
import { DirectionProvider, MantineProvider } from '@mantine/core'
import { RouterProvider } from '@tanstack/react-router'
import { type ReactNode, StrictMode } from 'react'
import { Notices } from '../parts/Notices'
import { Gates } from '../signin/Gates'
import { Direction } from './Direction'
import { router } from './router'
import { schemeManager } from './scheme'
import { theme, variables } from './theme'

/** `nonce` is that of the page's policy, for styles that are written while it runs. */
export function App({ nonce }: { nonce: string }): ReactNode {
  return (
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
    </StrictMode>
  )
}
