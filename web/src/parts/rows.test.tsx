// Rows under the keyboard, and the choice of columns.
import { cleanup, render, screen } from '@testing-library/react'
import { type ReactNode, useRef } from 'react'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { lettersNow } from '../app/letters'
import { preferences } from '../app/preferences'
import { beginLanguage } from '../i18n/i18n'
import { useShownColumns } from './columns'
import type { Column } from './DataList'
import { toggled } from './ListRow'
import { useRowKeys } from './rows'

const selected: number[] = []

function Rows({ count }: { count: number }): ReactNode {
  const body = useRef<HTMLDivElement>(null)
  useRowKeys({ body, count, toggle: (place) => void selected.push(place) })
  return (
    <div ref={body}>
      {Array.from({ length: count }, (_, place) => (
        <div key={place} role="row" data-index={place}>
          <span data-first>
            <a href={`#${place}`}>row {place}</a>
          </span>
        </div>
      ))}
    </div>
  )
}

const press = (key: string): void => lettersNow().find((letter) => letter.key === key)?.run?.()
const focused = (): string | null => document.activeElement?.textContent ?? null

beforeAll(() => beginLanguage('parts'))

beforeEach(() => {
  HTMLElement.prototype.scrollIntoView = () => undefined
})

afterEach(() => {
  cleanup()
  localStorage.clear()
  selected.length = 0
})

test('j and k move the focus between the links of rows, and stop at the ends; x selects', () => {
  render(<Rows count={3} />)
  press('x')
  expect(selected).toEqual([])
  press('j')
  expect(focused()).toBe('row 0')
  for (const key of ['j', 'j', 'j']) press(key)
  expect(focused()).toBe('row 2')
  press('k')
  press('x')
  expect([focused(), selected]).toEqual(['row 1', [1]])
})

test('the letters are gone with the list', () => {
  const { unmount } = render(<Rows count={1} />)
  expect(lettersNow().map(({ key }) => key)).toEqual(['j', 'k', 'Enter', 'x'])
  unmount()
  expect(lettersNow()).toEqual([])
})

const COLUMNS = ['time', 'from', 'to'].map((name): Column<null> => ({ name, title: name, cell: () => null }))

function Shown(): ReactNode {
  return <p>{useShownColumns('/v1/messages', COLUMNS).map(({ name }) => name).join(' ')}</p>
}

test('hidden columns are those of their list, and the first is always shown', () => {
  preferences.set('columns', { '/v1/messages': ['time', 'from'], '/v1/keys': ['to'] })
  render(<Shown />)
  expect(screen.getByText('time to')).toBeDefined()
})

test('a key is selected, and no more when it is chosen again', () => {
  const once = toggled(new Set(['a']), 'b')
  expect([...once]).toEqual(['a', 'b'])
  expect([...toggled(once, 'a')]).toEqual(['b'])
})
