// Does my integration work without a carrier? Numbers with a fixed outcome to send to, scenarios to play, and handsets
// as phones.
import { Button, Tabs, Text, TextInput } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { CopyAsCode } from '../parts/CopyAsCode'
import { Icon } from '../parts/Icon'
import { PageHead } from '../parts/PageHead'
import { Fixed } from './Fixed'
import { Phones } from './Phones'
import { Scenarios } from './Scenarios'
import { SENDER } from './scenarios'
import '../messages/messages.css'
import './sandbox.css'

export function SandboxPage(): ReactNode {
  const t = useT()
  const me = useMe()
  const navigate = useNavigate({ from: '/sandbox' })
  const search = useSearch({ from: '/shell/sandbox' })
  const tab = search.tab ?? 'numbers'
  const from = search.from ?? SENDER
  return (
    <>
      <PageHead
        title={t('sandbox.title')}
        about={t('sandbox.about')}
        actions={<CopyAsCode request={{ operation: tab === 'phones' ? 'GET /v1/sandbox/handsets' : 'GET /v1/sandbox/numbers' }} />}
      />
      {me.mode === 'live' && (
        <div className="o-sandbox-live" role="note">
          <Icon name="tower" />
          <Text>{t('sandbox.live')}</Text>
          <Button variant="default" leftSection={<Icon name="flask" />} onClick={() => void navigate({ search: (before) => ({ ...before, mode: 'test' }) })}>
            {t('sandbox.toTest')}
          </Button>
        </div>
      )}
      <Tabs
        keepMounted={false}
        value={tab}
        onChange={(to) => void navigate({ search: (before) => ({ ...before, tab: to === 'scenarios' || to === 'phones' ? to : undefined }) })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="numbers">{t('sandbox.fixed')}</Tabs.Tab>
          <Tabs.Tab value="scenarios">{t('sandbox.scenarios')}</Tabs.Tab>
          <Tabs.Tab value="phones">{t('sandbox.handsets')}</Tabs.Tab>
        </Tabs.List>
        {tab !== 'phones' && <Sender key={from} from={from} />}
        <Tabs.Panel value="numbers">
          <Fixed from={from} />
        </Tabs.Panel>
        <Tabs.Panel value="scenarios">
          <Scenarios from={from} />
        </Tabs.Panel>
        <Tabs.Panel value="phones">
          <Phones />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

/** The sender of what this page sends. It is taken over when one leaves the field. */
function Sender({ from }: { from: string }): ReactNode {
  const t = useT()
  const navigate = useNavigate({ from: '/sandbox' })
  const [typed, setTyped] = useState(from)
  const takeOver = (): void => {
    const to = typed.trim()
    if (to === from) return
    void navigate({ search: (before) => ({ ...before, from: to === '' || to === SENDER ? undefined : to }), replace: true, resetScroll: false })
  }
  return (
    <form
      className="o-sandbox-sender"
      onSubmit={(event) => {
        event.preventDefault()
        takeOver()
      }}
    >
      <TextInput label={t('sandbox.sender')} description={t('sandbox.senderAbout')} value={typed} dir="ltr" onChange={(event) => setTyped(event.currentTarget.value)} onBlur={takeOver} />
    </form>
  )
}
