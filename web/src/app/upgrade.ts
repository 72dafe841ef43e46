// After an upgrade of the server, an open tab asks for files that are gone. It is loaded anew, once, and never while a
// form has something in it.
import { unsaved } from './unsaved'

const MARK = 'onesixty-reloaded-at'
const AGAIN_AFTER_MS = 60_000

const GONE = /dynamically imported module|Importing a module script failed|Unable to preload/i

/** Load the page anew if this error says that a file is gone. */
export function reloadOnce(error: unknown): void {
  if (!(error instanceof Error) || !GONE.test(error.message) || unsaved.any()) return
  const last = Number(sessionStorage.getItem(MARK) ?? 0)
  if (Date.now() - last < AGAIN_AFTER_MS) return
  sessionStorage.setItem(MARK, String(Date.now()))
  location.reload()
}

export function watchUpgrades(): void {
  window.addEventListener('vite:preloadError', (event) => reloadOnce(event.payload))
}
