// What jsdom lacks, for the unit tests; and patience, for a loaded machine.
import { configure } from '@testing-library/react'

configure({ asyncUtilTimeout: 20_000 })

class NoObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

globalThis.ResizeObserver ??= NoObserver
window.matchMedia ??= (query: string) =>
  Object.assign(new EventTarget(), { matches: false, media: query, onchange: null, addListener: () => undefined, removeListener: () => undefined })
