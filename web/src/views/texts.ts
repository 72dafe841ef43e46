import type en from './texts/en.json'

// What is said of saved views (`parts/Views.tsx`): it is loaded when somebody opens them.
declare module '../i18n/ids' {
  interface TextsByFeature {
    views: typeof en
  }
}
