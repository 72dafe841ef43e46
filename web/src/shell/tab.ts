// The icon of the window's tab shows the mode, too: amber with a T in the test mode.
const drawn = (colour: string, letter: string): string =>
  `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M3 4h26v19H15l-7 6v-6H3z" fill="${colour}"/>` +
      `<text x="16" y="19" font-family="sans-serif" font-size="14" font-weight="700" fill="white" text-anchor="middle">${letter}</text></svg>`,
  )}`

export function showModeInTab(test: boolean): () => void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  if (link !== null) link.href = test ? drawn('#9a5b00', 'T') : drawn('#0b5782', '160')
  const title = (): string => document.title.replace(/^\[.*?\] /, '')
  const mark = (): void => {
    const wanted = test ? `[TEST] ${title()}` : title()
    if (document.title !== wanted) document.title = wanted
  }
  mark()
  // Pages name the window; the mark comes back after each.
  const watcher = new MutationObserver(mark)
  const head = document.querySelector('title')
  if (head !== null) watcher.observe(head, { childList: true })
  return () => watcher.disconnect()
}
