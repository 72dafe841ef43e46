// A request as code in four languages, and as a part of the settings file if it has one. Loaded when somebody asks for it.
import { Code, Group, Tabs } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { codeOf, type Request, type Tongue, TONGUES } from './code'
import { Copy } from './Copy'

export function CodePanel({ request }: { request: Request }): ReactNode {
  const [tongue, setTongue] = useState<Tongue | 'toml'>('curl')
  const tongues = { ...TONGUES, ...(request.file === undefined ? {} : { toml: 'onesixty.toml' }) }
  const code = tongue === 'toml' ? (request.file ?? '') : codeOf(tongue, request)
  const name = tongue === 'toml' ? 'onesixty.toml' : TONGUES[tongue]
  return (
    <Tabs value={tongue} onChange={(to) => setTongue(tongueOf(to))}>
      <Group justify="space-between" align="center" mb="xs">
        <Tabs.List>
          {Object.entries(tongues).map(([key, name]) => (
            <Tabs.Tab key={key} value={key}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Copy value={code} what={name} withText />
      </Group>
      <Tabs.Panel value={tongue}>
        <Code block dir="ltr" mah="24rem" style={{ overflow: 'auto' }} tabIndex={0}>
          {code}
        </Code>
      </Tabs.Panel>
    </Tabs>
  )
}

const tongueOf = (value: string | null): Tongue | 'toml' =>
  value === 'toml' ? value : value !== null && Object.hasOwn(TONGUES, value) ? (value as Tongue) : 'curl'
