// Saves a file that was read: a link alone could not say in which account and mode it acts.

/** Long enough for the browser to begin. */
const KEEP_MS = 10_000

export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_MS)
}
