// Which forms have something in them that is not saved: such a page is not loaded anew, and asks before it is left.
import { useEffect } from 'react'

const forms = new Set<symbol>()

export const unsaved = {
  any: (): boolean => forms.size > 0,
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault()
}

/** Say whether this form has something in it. */
export function useUnsaved(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return
    const form = Symbol('form')
    forms.add(form)
    window.addEventListener('beforeunload', ask)
    return () => {
      forms.delete(form)
      if (forms.size === 0) window.removeEventListener('beforeunload', ask)
    }
  }, [dirty])
}
