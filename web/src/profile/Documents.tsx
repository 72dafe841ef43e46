// The documents of a profile: uploaded while it may be changed, downloaded by who may see them.
import { Button, FileInput, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { take } from '../api/client'
import { isRefusal, type Refusal } from '../api/problem'
import { useApi, useMay, useMe } from '../app/session'
import { useT } from '../i18n/i18n'
import { Act } from '../parts/Act'
import { type Column, DataList } from '../parts/DataList'
import { useFormat } from '../parts/format'
import { Icon } from '../parts/Icon'
import { notify, notifyRefusal } from '../parts/Notices'
import { RefusalText } from '../parts/RefusalText'
import { saveFile } from '../parts/saveFile'
import { useList } from '../parts/useList'
import { Time, Words } from '../parts/Values'
import { type Document, DOCUMENTS, isOpen, KINDS, MOST, type Profile, PROFILES, TYPES, typeOf } from './profile'

const ConfirmDialog = lazy(() => import('../parts/ConfirmDialog').then((found) => ({ default: found.ConfirmDialog })))

export function Documents({ profile }: { profile: Profile }): ReactNode {
  const t = useT()
  const may = useMay('GET /v1/documents')
  return (
    <section aria-labelledby="profile-documents">
      <h2 className="o-section" id="profile-documents">
        {t('profile.documents')}
      </h2>
      {may ? <List profile={profile} /> : <Text c="dimmed">{t('profile.documentsHidden')}</Text>}
    </section>
  )
}

function List({ profile }: { profile: Profile }): ReactNode {
  const t = useT()
  const format = useFormat()
  const me = useMe()
  const api = useApi()
  const queries = useQueryClient()
  const [removed, setRemoved] = useState<Document | null>(null)
  const own = profile.account_id === me.account_id
  const list = useList(DOCUMENTS, { limit: 100, ...(own ? {} : { account_id: profile.account_id }) })
  const again = async (): Promise<void> => {
    await Promise.all([DOCUMENTS, PROFILES].map((key) => queries.invalidateQueries({ queryKey: [key] })))
  }
  const download = async ({ id, name }: Document): Promise<void> => {
    try {
      const file: unknown = await take(api.GET('/v1/documents/{id}/file', { params: { path: { id } }, parseAs: 'blob' }))
      if (file instanceof Blob) saveFile(file, name)
    } catch (error) {
      notifyRefusal(error)
    }
  }
  const columns: Column<Document>[] = [
    { name: 'name', title: t('profile.file'), width: 'minmax(9rem, 2fr)', cell: (document) => <Words>{document.name}</Words> },
    { name: 'kind', title: t('profile.kind'), width: 'minmax(8rem, 1fr)', cell: (document) => t(`profile.kind.${document.kind}`) },
    { name: 'size', title: t('profile.size'), width: '6rem', align: 'end', cell: (document) => format.size(document.size) },
    { name: 'at', title: t('profile.uploaded'), width: '8rem', extra: true, cell: (document) => <Time at={document.created_at} /> },
    {
      name: 'do', title: t('profile.actions'), width: '11.5rem', align: 'end',
      cell: (document) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <Act calls="GET /v1/documents/{id}/file" size="compact-sm" variant="subtle" onClick={() => void download(document)}>
            {t('profile.download')}
          </Act>
          {isOpen(profile) && (
            <Act calls="DELETE /v1/documents/{id}" size="compact-sm" variant="subtle" color="red.9" onClick={() => setRemoved(document)}>
              {t('profile.remove')}
            </Act>
          )}
        </Group>
      ),
    },
  ]
  return (
    <Stack>
      <DataList list={list} columns={columns} label={t('profile.documents')} rowKey={(document) => document.id} empty={<Text c="dimmed">{t('profile.noDocuments')}</Text>} />
      {isOpen(profile) && profile.documents < MOST && <Upload account={own ? undefined : profile.account_id} onDone={again} />}
      <Suspense>
        {removed !== null && (
          <ConfirmDialog
            title={t('profile.removeTitle', { name: removed.name })}
            action={t('profile.remove')}
            onClose={() => setRemoved(null)}
            onConfirm={async () => {
              await take(api.DELETE('/v1/documents/{id}', { params: { path: { id: removed.id } } }))
              await again()
            }}
          >
            {t('profile.removeAbout')}
          </ConfirmDialog>
        )}
      </Suspense>
    </Stack>
  )
}

type Kind = Document['kind']

function Upload({ account, onDone }: { account: string | undefined; onDone: () => Promise<void> }): ReactNode {
  const t = useT()
  const format = useFormat()
  const api = useApi()
  const [file, setFile] = useState<File | null>(null)
  const [kind, setKind] = useState<Kind>('registration')
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const type = file === null ? null : typeOf(file)
  const upload = async (): Promise<void> => {
    if (file === null || type === null || busy) return
    setBusy(true)
    setRefusal(null)
    try {
      await take(
        api.POST('/v1/documents', {
          params: { query: { name: file.name, kind, account_id: account } },
          headers: { 'Content-Type': type },
          // The body is the file itself; the document's types call any body text.
          body: file as unknown as string,
          bodySerializer: (given: unknown) => given as File,
        }),
      )
      setFile(null)
      await onDone()
      notify(t('profile.uploadDone'))
    } catch (error) {
      if (!isRefusal(error)) throw error
      setRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void upload()
      }}
    >
      <Group align="flex-start" gap="sm">
        <FileInput
          label={t('profile.upload')}
          description={file === null ? t('profile.uploadAbout') : format.size(file.size)}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          placeholder={t('profile.choose')}
          accept={TYPES.join(',')}
          clearable
          clearButtonProps={{ 'aria-label': t('parts.clear') }}
          leftSection={<Icon name="upload" size={16} />}
          value={file}
          error={file !== null && type === null ? t('profile.wrongType') : null}
          flex="2 1 15rem"
          onChange={(given) => {
            setFile(given)
            setRefusal(null)
          }}
        />
        <NativeSelect
          label={t('profile.kind')}
          data={KINDS.map((value) => ({ value, label: t(`profile.kind.${value}`) }))}
          value={kind}
          flex="1 1 11rem"
          onChange={({ currentTarget: { value } }) => setKind(KINDS.find((each) => each === value) ?? 'other')}
        />
        <Button type="submit" variant="default" mt={25} loading={busy} disabled={type === null}>
          {t('profile.uploadDo')}
        </Button>
      </Group>
      {refusal !== null && (
        <div role="alert" className="o-refused">
          <RefusalText refusal={refusal} />
        </div>
      )}
    </form>
  )
}
