// What the pages of templates have in the URL.
import { oneOf, searchOf, text } from '../app/search'
import { CLASSES } from '../messages/shape'

export const STATES = ['draft', 'submitted', 'approved', 'retired'] as const
/** The tabs of a template besides the first. */
export const VIEWS = ['registrations', 'versions'] as const

export const stateOfSearch = oneOf(...STATES)
export const purposeOfSearch = oneOf(...CLASSES)

/** `make` opens the form for a new template. */
export const templatesSearch = searchOf({ state: stateOfSearch, purpose: purposeOfSearch, name: text, make: oneOf('true') })
/** `language` is the text that is shown, `number` a version that is open beside the list of versions. */
export const templateSearch = searchOf({ view: oneOf(...VIEWS), language: text, number: text })
