// What the pages of accounts have in the URL.
import { oneOf, text } from '../app/search'
import { STATES } from './states'

/** The tabs of an account besides the first. */
export const VIEWS = ['balance', 'limits', 'retention'] as const
export type View = (typeof VIEWS)[number]

/** `make` opens the form for a new account, below `parent_id` if it is set. */
export const listShape = { parent_id: text, state: oneOf(...STATES), make: oneOf('true') }
export const oneShape = { view: oneOf(...VIEWS) }
