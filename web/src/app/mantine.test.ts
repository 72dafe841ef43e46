import { expect, test } from 'vitest'
import { importedIn, stylesOf } from '../../build/mantine'

test('the styles are those of what is imported and of what that is made of, in their order', () => {
  const source = `import { type ButtonProps, Select, Tooltip as Tip } from '@mantine/core'\nimport { useState } from 'react'`
  expect(importedIn(source)).toEqual(['core/ButtonProps', 'core/Select', 'core/Tooltip'])
  const styles = stylesOf([source])
  for (const name of ['baseline', 'global', 'Combobox', 'Input', 'Popover', 'ScrollArea', 'Tooltip']) expect(styles).toContain(name)
  for (const name of ['Tree', 'Stepper', 'Table']) expect(styles).not.toContain(name)
  expect(styles.indexOf('Input')).toBeLessThan(styles.indexOf('Combobox'))
  expect(styles[0]).toBe('baseline')
})

test('what several components are made of is found, too: a radio button stands beside its label', () => {
  expect(stylesOf([`import { Radio } from '@mantine/core'`])).toContain('InlineInput')
})
