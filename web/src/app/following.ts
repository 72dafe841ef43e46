// Whether the preferences of this browser follow those that the server keeps: from the sign-in on, until somebody else
// may sign in.
import { preferences } from './preferences'
import { readRemembered, tellServer } from './remembered'

let reading: Promise<void> | null = null

/** Take over what the server keeps of this person, once. */
export const followServer = (): Promise<void> =>
  (reading ??= readRemembered().catch(() => {
    reading = null // the next page asks again; until then this browser's own count
  }))

/** Somebody else may sign in. */
export function forgetServer(): void {
  reading = null
}

preferences.watch((name) => {
  if (reading !== null) void tellServer(name)
})
