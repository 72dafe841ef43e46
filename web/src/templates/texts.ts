import type en from './texts/en.json'

declare module '../i18n/ids' {
  interface TextsByFeature {
    templates: typeof en
  }
}
