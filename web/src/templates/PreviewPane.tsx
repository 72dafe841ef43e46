// What a message of a text would be: as a phone shows it, with its variables and costly characters marked, and what it
// costs at its shortest, as filled in, and at its longest.
import { Stack, Text, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useT } from '../i18n/i18n'
import { countryName } from '../messages/fields'
import { FoundWords } from '../parts/FoundWords'
import { Icon } from '../parts/Icon'
import { Unread } from '../parts/States'
import { Count, Ident, ServerWords } from '../parts/Values'
import { marked } from './marks'
import type { Sample, TextPreview, Variable } from './template'
import type { Previewed } from './usePreview'
import { textOf } from './variables'
import '../send/send.css'
import './templates.css'

type Props = {
  preview: Previewed
  variables: Record<string, Variable>
  values: Record<string, string>
  onValues: (values: Record<string, string>) => void
  /** The variables in the editor are not those that are saved. */
  unsaved?: boolean
}

export function PreviewPane({ preview, variables, values, onValues, unsaved = false }: Props): ReactNode {
  const t = useT()
  const { data, refusal } = preview
  const names = Object.keys(variables)
  return (
    <section className="o-template-preview" aria-labelledby="template-preview">
      <h2 id="template-preview" className="o-section">
        {t('templates.preview')}
      </h2>
      {preview.error != null && data === null && <Unread error={preview.error} onAgain={() => void preview.refetch()} />}
      {data !== null && <Rendered data={data} stale={refusal !== null || preview.error != null} />}
      {unsaved && (
        <Text size="sm" c="dimmed">
          <Icon name="info" size={14} /> {t('templates.unsavedVariables')}
        </Text>
      )}
      {names.length > 0 && (
        <fieldset className="o-limits">
          <legend>{t('templates.values')}</legend>
          <Stack gap="xs">
            {names.map((name) => (
              <TextInput
                key={name}
                label={<Ident>{name}</Ident>}
                placeholder={textOf(variables[name]?.example)}
                value={values[name] ?? ''}
                error={refusal?.param === `variables.${name}` ? <ServerWords>{refusal.detail}</ServerWords> : null}
                dir="auto"
                autoComplete="off"
                onChange={(event) => onValues({ ...values, [name]: event.currentTarget.value })}
              />
            ))}
          </Stack>
        </fieldset>
      )}
    </section>
  )
}

/** More than these are the letters of a language that needs them, and no slip of the hand. */
const MOST_COSTLY = 6

function Rendered({ data, stale }: { data: TextPreview; stale: boolean }): ReactNode {
  const t = useT()
  const costly = data.costly.length > MOST_COSTLY ? [] : data.costly
  return (
    <>
      <div className="o-bubble o-template-bubble" dir={data.direction} lang={data.language} data-stale={stale || undefined}>
        {marked({ spans: data.spans, costly, text: data.rendered.text }).map((piece, place) =>
          piece.variable === null && piece.why === null ? (
            piece.text
          ) : (
            <mark key={place} data-variable={piece.variable ?? undefined} data-why={piece.why ?? undefined} title={piece.variable ?? undefined}>
              {piece.text}
            </mark>
          ),
        )}
      </div>
      <Costs data={data} />
      {costly.length > 0 && (
        <div className="o-costs">
          <Text size="sm">{t('templates.costly')}</Text>
          <ul>
            {costly.map((each) => (
              <li key={each.code_point}>
                <mark data-why={each.why}>
                  <bdi>{each.character.trim() === '' ? each.code_point : each.character}</bdi>
                </mark>{' '}
                <span className="o-absent">
                  <ServerWords>{each.name.toLowerCase()}</ServerWords> · {t(`send.why.${each.why}`)}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {data.if_transliterated !== null && (data.if_transliterated.segments ?? 0) < (data.rendered.segments ?? 0) && (
        <Text size="sm">
          <Icon name="info" size={14} /> {t('templates.ifReplaced', { number: data.if_transliterated.segments ?? 0 })}
        </Text>
      )}
      {data.missing_registrations.map(({ country, ids }) => (
        <Text key={country} size="sm">
          <Icon name="alert" size={14} /> {t('templates.missingRegistrations', { country: countryName(country), ids: ids.join(', ') })}
        </Text>
      ))}
      {data.findings.map((found) => (
        <Text key={found.text} size="sm">
          <Icon name="alert" size={14} /> <FoundWords found={found} sentence={found.text} of="templates" />
        </Text>
      ))}
    </>
  )
}

/** Segments at the shortest, as filled in, at the longest, and at the longest with a letter beyond GSM-7. */
function Costs({ data }: { data: TextPreview }): ReactNode {
  const t = useT()
  const rows: [string, Sample][] = [
    [t('templates.shortest'), data.shortest],
    [t('templates.asFilled'), data.rendered],
    [t('templates.longest'), data.longest],
    ...(data.longest_ucs2 === null ? [] : [[t('templates.longestUcs2'), data.longest_ucs2] satisfies [string, Sample]]),
  ]
  return (
    <div className="o-table-frame" tabIndex={0} role="region" aria-label={t('templates.costs')}>
      <table className="o-table o-template-costs" aria-label={t('templates.costs')}>
        <thead>
          <tr>
            <td />
            <th scope="col">{t('templates.segments')}</th>
            <th scope="col">{t('templates.characters')}</th>
            <th scope="col">{t('templates.encoding')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, sample]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{sample.segments === null ? t('templates.tooLong') : <Count value={sample.segments} />}</td>
              <td>
                <Count value={sample.characters} />
              </td>
              <td>
                <Encoding of={sample.encoding} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Encoding({ of }: { of: string | null }): ReactNode {
  return of === null ? '–' : <bdi dir="ltr">{of === 'gsm7' ? 'GSM-7' : of === 'ucs2' ? 'UCS-2' : of}</bdi>
}
