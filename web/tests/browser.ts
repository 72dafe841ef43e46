// The browser of the machine, for tests and screenshots: Playwright downloads none. It reaches this machine alone.
import { existsSync } from 'node:fs'
import type { LaunchOptions } from '@playwright/test'

/** Chromium's build without a window needs a third less of the processor. */
const FOUND = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((program) => existsSync(program))

export const LAUNCH: LaunchOptions = {
  executablePath: process.env.CHROMIUM ?? FOUND,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
  ],
}

/** The state of a browser in which somebody is signed in. */
export const signedIn = (url: string, session: string) => ({
  cookies: [
    { name: 'onesixty', value: session, domain: new URL(url).hostname, path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Lax' as const },
  ],
  origins: [],
})
