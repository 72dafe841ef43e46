// One version as it was approved: its texts with a preview, and its variables.
import { NativeSelect, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { SideDialog } from '../parts/SideDialog'
import { Found } from '../parts/States'
import { languageName } from './languages'
import { PreviewPane } from './PreviewPane'
import { TemplateState } from './State'
import { languagesOf, type Template, type Version, VERSIONS } from './template'
import { usePreview } from './usePreview'

type Props = { template: Template; number: number; onClose: () => void }

export function VersionDialog({ template, number, onClose }: Props): ReactNode {
  const t = useT()
  const api = useApi()
  const query = useQuery({
    queryKey: [VERSIONS, template.id, number],
    queryFn: () => take(api.GET('/v1/templates/{id}/versions/{version}', { params: { path: { id: template.id, version: number } } })),
  })
  return (
    <SideDialog title={t('templates.versionOf', { name: template.name, number })} onClose={onClose}>
      <Found query={query}>{(version) => <OneVersion template={template} version={version} />}</Found>
    </SideDialog>
  )
}

function OneVersion({ template, version }: { template: Template; version: Version }): ReactNode {
  const t = useT()
  const languages = languagesOf(version)
  const [chosen, setChosen] = useState(version.default_language)
  const [values, setValues] = useState<Record<string, string>>({})
  const language = chosen in version.texts ? chosen : (languages[0] ?? '')
  const preview = usePreview({ id: template.id, version: template.version, variables: version.variables }, language, undefined, values, version.number)
  return (
    <Stack>
      <div>
        <TemplateState state={version.state} />
      </div>
      <NativeSelect label={t('templates.language')} value={language} data={languages.map((value) => ({ value, label: languageName(value) }))} onChange={(event) => setChosen(event.currentTarget.value)} />
      <div>
        <Text fw={600} size="sm">
          {t('templates.text')}
        </Text>
        <pre className="o-template-source" dir={preview.data?.direction ?? 'auto'} lang={language} tabIndex={0}>
          {version.texts[language]}
        </pre>
      </div>
      <PreviewPane preview={preview} variables={version.variables} values={values} onValues={setValues} />
    </Stack>
  )
}
