// What the server fills in a page: the path of its files, and the nonce of its policy. The development server fills
// both itself.
import { randomBytes } from 'node:crypto'
import type { Plugin } from 'vite'

const BASE = '__ONESIXTY_BASE__'

export function page(): Plugin {
  return {
    name: 'onesixty-page',
    apply: 'serve',
    transformIndexHtml: {
      order: 'post',
      handler: (html) =>
        html.replaceAll(BASE, '/console/').replaceAll('__ONESIXTY_NONCE__', randomBytes(16).toString('base64')),
    },
  }
}

/** The API reference is at `/docs`, and its files are below it. It has no `<base>`, because its own links begin with `#`. */
export function reference(): Plugin {
  return {
    name: 'onesixty-reference',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { path }) => (path.endsWith('/docs.html') ? html.replaceAll('"./assets/', `"${BASE}assets/`) : html),
    },
  }
}
