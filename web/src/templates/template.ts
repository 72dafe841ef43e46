// What the pages of templates read, and what can be done with a template in its state.
import type { components } from '../api/schema'
import type { STATES } from './search'

export type Template = components['schemas']['TemplateView']
export type Version = components['schemas']['TemplateVersionView']
export type Preview = components['schemas']['TemplatePreview']
export type TextPreview = components['schemas']['TextPreview']
export type Sample = components['schemas']['TextSample']
export type Registration = Template['registrations'][number]
export type Variable = Template['variables'][string]
export type Type = Variable['type']
export type State = (typeof STATES)[number]

export const TEMPLATES = '/v1/templates'
export const VERSIONS = '/v1/templates/{id}/versions'

export const TYPES = ['string', 'number', 'money', 'date', 'time', 'code', 'url', 'phone'] as const satisfies readonly Type[]

/** What says something of a version: a text, what it is for. A submitted version stays as it is. */
export const isOpen = (template: Template): boolean => template.state !== 'submitted'

/** The moves that the state of a template allows. The API has the last word. */
export function movesOf(template: Template): { submit: boolean; withdraw: boolean; decide: boolean; retire: boolean; remove: boolean } {
  const { state, approved, number } = template
  return {
    submit: state === 'draft' || state === 'retired',
    withdraw: state === 'submitted',
    decide: state === 'submitted',
    retire: approved !== null,
    // Only the first version can be one of which none was ever approved.
    remove: number === 1 && approved === null && state !== 'retired',
  }
}

/** The languages of a template: its default first, the others in their order. */
export const languagesOf = ({ texts, default_language: first }: Pick<Template, 'texts' | 'default_language'>): string[] => [
  ...(first in texts ? [first] : []),
  ...Object.keys(texts).filter((each) => each !== first).toSorted(),
]
