import type en from './texts/en.json'

// What rights let one do: for keys, roles, and pages that one may not see.
declare module '../i18n/ids' {
  interface TextsByFeature {
    rights: typeof en
  }
}
