import type { Catalogue, Files } from '../catalogues'

export const files: Files = import.meta.glob<Catalogue>('../../*/texts/en.json', { import: 'default' })
