import type { Catalogue, Files } from '../catalogues'

export const files: Files = import.meta.glob<Catalogue>('../../*/texts/ar.json', { import: 'default' })
