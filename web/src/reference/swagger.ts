// Swagger UI, as the one script that its package has, and as much of it as the reference uses. Its own components are
// reached by their names.
//
// It is loaded as a file of its own and not bundled: a CommonJS module in this page would give every part of the console
// one more file to load.
import address from 'swagger-ui-dist/swagger-ui-bundle.js?url'
import type { ComponentType } from 'react'

/** What Swagger UI gives to a plugin. Its React is its own copy: elements of another one cannot be mixed in. */
export type System = {
  React: typeof import('react')
  getSystem: () => System
  getComponent: (name: string, connected?: boolean) => ComponentType
  layoutActions: {
    updateFilter: (words: string | false) => void
    show: (thing: string[], shown: boolean) => void
  }
}

type SwaggerUI = (config: Record<string, unknown>) => unknown

declare global {
  interface Window {
    SwaggerUIBundle?: SwaggerUI
  }
}

export function loadSwagger(): Promise<SwaggerUI> {
  return new Promise((loaded, failed) => {
    const script = document.createElement('script')
    script.src = address
    script.onload = () => (window.SwaggerUIBundle === undefined ? failed(new Error('no Swagger UI')) : loaded(window.SwaggerUIBundle))
    script.onerror = () => failed(new Error('Swagger UI was not loaded'))
    document.head.append(script)
  })
}
