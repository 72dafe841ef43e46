// What an alert says and what to do about it, in the person's language.
//
// Rules kept here:
// - the server says it in English, from the words of the rule with a subject and a value in them. Those words, with
//   `{subject}` and `{value}` again, are the key in the tables (`sentences`); what is in none stays as the server said it;
// - seconds are a duration with its unit, in all languages: `6.6 min`, and not `398 s`. The tables say `{duration}` there.
import { Fragment, type ReactNode } from 'react'
import type { components } from '../api/schema'
import { useSentences } from '../i18n/sentences'
import { Marked } from '../parts/Ident'
import { type Format, useFormat } from '../parts/format'
import { NamedWords } from '../parts/Named'
import { ServerWords } from '../parts/Values'

type Alert = Pick<components['schemas']['AlertView'], 'summary' | 'subject' | 'value'>

/** The words of the rule by which an alert was made. */
export const wordsOfRule = ({ summary, subject, value }: Alert): string =>
  summary
    .split(subject)
    .map((part) => part.replace(value, '{value}'))
    .join('{subject}')

const durationOf = (value: string, format: Format): string => format.duration(Number(value) * 1000)

/** What the server said in English, with its seconds as a duration. */
export const withDuration = ({ summary, value }: Alert, format: Format): string =>
  /^\d+(\.\d+)?$/.test(value) ? summary.replace(new RegExp(`(?<![\\w.])${value.replace('.', '\\.')} s(?:econds)?\\b`), durationOf(value, format)) : summary

export function AlertSummary({ alert }: { alert: Alert }): ReactNode {
  const format = useFormat()
  const said = useSentences('alerts')(wordsOfRule(alert))
  if (said === null) return <NamedWords plain>{withDuration(alert, format)}</NamedWords>
  return said.split(/(\{subject\}|\{value\}|\{duration\})/).map((part, place) => {
    if (part === '{subject}') return <NamedWords key={place} plain>{alert.subject}</NamedWords>
    if (part === '{value}') return <bdi key={place} dir="ltr">{alert.value}</bdi>
    if (part === '{duration}') return <bdi key={place}>{durationOf(alert.value, format)}</bdi>
    return <Fragment key={place}>{part}</Fragment>
  })
}

/** What the server says of an alert or of a rule in words of its own: what to do, and what is watched. */
export function AlertWords({ children }: { children: string }): ReactNode {
  const said = useSentences('alerts')(children)
  return said === null ? <ServerWords>{children}</ServerWords> : <Marked>{said}</Marked>
}
