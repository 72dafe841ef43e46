import type en from './texts/en.json'

declare module '../i18n/ids' {
  interface TextsByFeature {
    messages: typeof en
  }
}
