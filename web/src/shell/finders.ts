// What the search box finds besides pages: each feature can add a finder of its own things.
import type { Session } from '../app/session'
import type { IconName } from '../parts/Icon'
import { findByApi } from './search'

export type Finding = {
  key: string
  label: string
  /** What it is, at the end of the line. */
  kind: string
  icon: IconName
  /** A path of the console, or something that is done. */
  go: string | (() => void)
}

/** Finds things for a text. It is asked while one types, so it answers fast or not at all; `signal` ends it. */
export type Finder = (text: string, session: Session, signal: AbortSignal) => Promise<Finding[]>

export const FINDERS: Finder[] = [findByApi]
