// The texts for one-time codes that the platform has ready, by what they say.
export const READY = ['verification', 'short', 'payment'] as const
export type Ready = (typeof READY)[number]
