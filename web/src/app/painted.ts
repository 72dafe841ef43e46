// The answer to a press comes before its work: a link that was pressed is marked, a menu closes, and only then the next
// page is drawn, which takes longer.
const PATIENCE_MS = 100

/** Resolves once what has changed so far is painted. At once before anything is, and where nobody looks. */
export function painted(): Promise<void> {
  if (document.hidden || performance.getEntriesByName('first-contentful-paint').length === 0) return Promise.resolve()
  return new Promise((resolve) => {
    // A tab that is hidden meanwhile has no next frame.
    setTimeout(resolve, PATIENCE_MS)
    requestAnimationFrame(() => setTimeout(resolve))
  })
}
