import type { Catalogue, Files } from '../catalogues'

export const files: Files = import.meta.glob<Catalogue>('../../*/texts/ru.json', { import: 'default' })
