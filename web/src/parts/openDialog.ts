// What all dialogs share: how they close, and where the focus goes then.
//
// Rules kept here:
// - Escape closes one thing: what is open within the dialog (the list of a field, the panel of a button), else the
//   dialog on top. Mantine's own Escape would close all dialogs at once, and none while a field has an empty list;
// - when a dialog closes, the focus goes back to what opened it, or to the button of the menu in which that was; if that
//   is gone, to the dialog below or the heading of the page. A page shows a dialog only while it is open, so that
//   Mantine's own return, which waits for `opened`, never comes.
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react'

/** The dialogs that are open; the last one is on top. */
const open: symbol[] = []

type Open = { opened: true; onClose: () => void; closeOnEscape: false }

/** The props of Mantine's `Modal` or `Drawer` for a dialog that is open while it is shown. */
export function useOpenDialog(onClose: () => void): Open {
  useReturnFocus()
  useEscape(onClose)
  return { opened: true, onClose, closeOnEscape: false }
}

function useEscape(onClose: () => void): void {
  const close = useEffectEvent(onClose)
  useEffect(() => {
    const own = Symbol('dialog')
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.isComposing || open.at(-1) !== own || isWithin(event.target)) return
      close()
    }
    open.push(own)
    // Before the field with the focus closes its list: afterwards, the list would not be known to have been open.
    window.addEventListener('keydown', onKey, { capture: true })
    return () => {
      open.splice(open.indexOf(own), 1)
      window.removeEventListener('keydown', onKey, { capture: true })
    }
  }, [])
}

/** Whether something that is open within a dialog closes by this key: a list, a menu or a panel. */
function isWithin(target: EventTarget | null): boolean {
  const found = target instanceof Element ? target.closest('[data-mantine-stop-propagation=true], [role=dialog]:not([aria-modal])') : null
  if (found === null || found.getAttribute('aria-haspopup') !== 'listbox') return found !== null
  // Mantine says so of a list without a row, too, which nobody sees.
  const list = document.getElementById(found.getAttribute('aria-controls') ?? '')
  return list !== null && list.getClientRects().length > 0
}

/** The button of the menu that an element is in; null if it is in none. */
function buttonOfMenu(element: EventTarget | null): Element | null {
  const menu = element instanceof Element ? element.closest('[role=menu]') : null
  return menu === null ? null : document.getElementById(menu.getAttribute('aria-labelledby') ?? '')
}

/** The button of the menu that had the focus last; null once the focus has gone elsewhere. */
let lastMenu: Element | null = null
document.addEventListener('focusin', ({ target }) => void (lastMenu = buttonOfMenu(target)))

/** What a dialog that opens now was opened by: its menu may be gone already, and the focus with it. */
function openedBy(): Element | null {
  const now = document.activeElement
  return now === null || now === document.body ? lastMenu : (buttonOfMenu(now) ?? now)
}

/** Whether the focus can go back to it: an entry of a menu is gone by then. */
const stays = (element: EventTarget | null): element is Element =>
  element instanceof Element && element !== document.body && element.closest('[role=dialog], [role=menu]') === null

function useReturnFocus(): void {
  // Before anything in the dialog takes the focus.
  const [first] = useState(openedBy)
  const opener = useRef(first)
  useLayoutEffect(() => {
    if (opener.current !== null) return undefined
    // What opened it has lost the focus, and may get it back some milliseconds later.
    const onFocus = ({ target }: { target: EventTarget | null }): void => void (stays(target) && (opener.current = target))
    document.addEventListener('focusin', onFocus)
    return () => document.removeEventListener('focusin', onFocus)
  }, [])
  useEffect(
    () => () => {
      const before = opener.current
      // Once the dialog is out of the page.
      setTimeout(() => {
        const lost = (): boolean => document.activeElement === null || document.activeElement === document.body
        const others = [before, document.querySelector('[role=dialog][aria-modal]'), document.getElementById('page-title')]
        for (const other of others) if (lost() && other instanceof HTMLElement) other.focus({ preventScroll: true })
      })
    },
    [],
  )
}
