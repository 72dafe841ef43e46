// Dialogs: what Escape closes, and where the focus goes then.
import { Autocomplete, Button, MantineProvider, Menu, Popover } from '@mantine/core'
import { cleanup, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { type ReactNode, useState } from 'react'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { importedIn } from '../../build/mantine'
import { beginLanguage } from '../i18n/i18n'
import { Dialog } from './Dialog'

function Page({ children }: { children?: ReactNode }): ReactNode {
  const [open, setOpen] = useState(false)
  return (
    <>
      <h1 id="page-title" tabIndex={-1}>Page</h1>
      <button onClick={() => setOpen(true)}>Open</button>
      {open && (
        <Dialog title="First" onClose={() => setOpen(false)} transitionProps={{ duration: 0 }}>
          {children}
        </Dialog>
      )}
    </>
  )
}

/** A button that opens a second dialog, and is gone once `stays` is false. */
function Second({ stays = true }: { stays?: boolean }): ReactNode {
  const [open, setOpen] = useState(false)
  return (
    <>
      {(stays || !open) && <button onClick={() => setOpen(true)}>More</button>}
      {open && (
        <Dialog title="Second" onClose={() => setOpen(false)} transitionProps={{ duration: 0 }}>
          <button>Within</button>
        </Dialog>
      )}
    </>
  )
}

/** A button that has the focus only after its dialog is there, as that of a menu has whose entry opens a dialog. */
function Late(): ReactNode {
  const [open, setOpen] = useState(false)
  const more = (button: HTMLElement): void => {
    button.blur()
    setOpen(true)
    setTimeout(() => button.focus())
  }
  return (
    <>
      <h1 id="page-title" tabIndex={-1}>Page</h1>
      <button onClick={(event) => more(event.currentTarget)}>More</button>
      {open && <Dialog title="First" onClose={() => setOpen(false)} transitionProps={{ duration: 0 }} />}
    </>
  )
}

/** An entry of a menu that opens a dialog: the menu is gone at once, and the dialog takes the focus. */
function FromMenu(): ReactNode {
  const [open, setOpen] = useState(false)
  return (
    <>
      <h1 id="page-title" tabIndex={-1}>Page</h1>
      <Menu returnFocus transitionProps={{ duration: 0 }}>
        <Menu.Target><button>More</button></Menu.Target>
        <Menu.Dropdown><Menu.Item onClick={() => setOpen(true)}>Entry</Menu.Item></Menu.Dropdown>
      </Menu>
      {open && <Dialog title="First" onClose={() => setOpen(false)} transitionProps={{ duration: 0 }} />}
    </>
  )
}

async function opened(children?: ReactNode): Promise<void> {
  render(<MantineProvider env="test"><Page>{children}</Page></MantineProvider>)
  await userEvent.click(screen.getByText('Open'))
  await screen.findByRole('dialog', { name: 'First' })
}

const shown = (name: string): HTMLElement | null => screen.queryByRole('dialog', { name })
const focused = (): string | null => document.activeElement?.textContent ?? null

beforeAll(() => beginLanguage('parts'))
afterEach(cleanup)

test('Escape closes a dialog, and the focus goes back to its button', async () => {
  await opened()
  await userEvent.keyboard('{Escape}')
  expect(shown('First')).toBe(null)
  await waitFor(() => expect(focused()).toBe('Open'))
})

test('the focus goes back to a button that gets it only after its dialog is there', async () => {
  render(<MantineProvider env="test"><Late /></MantineProvider>)
  await userEvent.click(screen.getByText('More'))
  await waitFor(() => expect(shown('First')?.contains(document.activeElement)).toBe(true))
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(focused()).toBe('More'))
})

test('the focus goes back to the button of the menu from which a dialog was opened', async () => {
  render(<MantineProvider env="test"><FromMenu /></MantineProvider>)
  await userEvent.click(screen.getByText('More'))
  await userEvent.click(await screen.findByText('Entry'))
  await waitFor(() => expect(shown('First')?.contains(document.activeElement)).toBe(true))
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(focused()).toBe('More'))
})

test('Escape closes the dialog on top alone', async () => {
  await opened(<Second />)
  await userEvent.click(screen.getByText('More'))
  await userEvent.click(await screen.findByText('Within'))
  await userEvent.keyboard('{Escape}')
  expect([shown('First'), shown('Second')].map((dialog) => dialog !== null)).toEqual([true, false])
  await waitFor(() => expect(focused()).toBe('More'))
  await userEvent.keyboard('{Escape}')
  expect(shown('First')).toBe(null)
})

test('without what opened it, the focus goes to the dialog below', async () => {
  await opened(<Second stays={false} />)
  await userEvent.click(screen.getByText('More'))
  await userEvent.click(await screen.findByText('Within'))
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(document.activeElement).toBe(shown('First')))
})

test('a list or a panel that is open in a dialog closes first', async () => {
  await opened(
    <>
      <Autocomplete label="Name" data={['north']} openOnFocus={false} />
      <Popover trapFocus returnFocus transitionProps={{ duration: 0 }}>
        <Popover.Target><Button>Panel</Button></Popover.Target>
        <Popover.Dropdown><button>In the panel</button></Popover.Dropdown>
      </Popover>
    </>,
  )
  // jsdom lays nothing out: that the list has a place is said here.
  const places = { length: 1 } as DOMRectList
  const list = vi.spyOn(Element.prototype, 'getClientRects').mockReturnValue(places)
  await userEvent.click(screen.getByRole('combobox', { name: 'Name' }))
  await userEvent.keyboard('{Escape}')
  expect(shown('First')).not.toBe(null)
  expect(screen.getByRole('combobox', { name: 'Name' }).getAttribute('aria-expanded')).toBe('false')
  list.mockRestore()

  await userEvent.click(screen.getByText('Panel'))
  await userEvent.click(await screen.findByText('In the panel'))
  await userEvent.keyboard('{Escape}')
  expect(shown('First')).not.toBe(null)
  await waitFor(() => expect(screen.queryByText('In the panel')).toBe(null))
  await userEvent.keyboard('{Escape}')
  expect(shown('First')).toBe(null)
})

test('a list that has nothing to show does not keep it open', async () => {
  await opened(<Autocomplete label="Name" data={[]} />)
  await userEvent.click(screen.getByRole('combobox', { name: 'Name' }))
  await userEvent.keyboard('{Escape}')
  expect(shown('First')).toBe(null)
})

test('no page makes a dialog of its own', () => {
  const sources = import.meta.glob<string>('../**/*.tsx', { query: '?raw', import: 'default', eager: true })
  const own = Object.entries(sources).filter(([, source]) => importedIn(source).some((name) => name === 'core/Modal' || name === 'core/Drawer') && !source.includes('useOpenDialog'))
  expect(own.map(([path]) => path)).toEqual([])
})
