// Light, dark or as the system: a preference like the others, for Mantine. `index.html` reads it before the first
// picture.
import type { MantineColorSchemeManager } from '@mantine/core'
import { preferences } from './preferences'

let stop: (() => void) | null = null

export const schemeManager: MantineColorSchemeManager = {
  get: (otherwise) => preferences.get('scheme') ?? otherwise,
  set: (value) => {
    // Mantine also says so of what it was just told.
    if (preferences.get('scheme') !== value) preferences.set('scheme', value)
  },
  subscribe: (onUpdate) => {
    let last = preferences.get('scheme')
    stop = preferences.subscribe(() => {
      const now = preferences.get('scheme')
      if (now === null || now === last) return
      last = now
      onUpdate(now)
    })
  },
  unsubscribe: () => stop?.(),
  clear: () => preferences.set('scheme', 'auto'),
}
