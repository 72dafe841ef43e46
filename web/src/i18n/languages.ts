// The languages of the console, and which one a browser gets.
export const LANGUAGES = {
  en: { name: 'English', locale: 'en' },
  es: { name: 'Español', locale: 'es' },
  'pt-BR': { name: 'Português (Brasil)', locale: 'pt-BR' },
  fr: { name: 'Français', locale: 'fr' },
  ru: { name: 'Русский', locale: 'ru' },
  // Numbers, ids and times stand beside Latin text everywhere here: Latin digits keep them comparable.
  ar: { name: 'العربية', locale: 'ar-u-nu-latn' },
} as const

export type Language = keyof typeof LANGUAGES

export const isLanguage = (value: unknown): value is Language =>
  typeof value === 'string' && Object.hasOwn(LANGUAGES, value)

export const directionOf = (language: Language): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr')

/** The first of the wanted languages (BCP 47) that the console has; English if there is none. */
export function chosenFrom(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (isLanguage(tag)) return tag
    const base = tag.split('-')[0]?.toLowerCase()
    if (base === 'pt') return 'pt-BR'
    if (isLanguage(base)) return base
  }
  return 'en'
}
