// The ids of all texts, as types. Each feature adds its own in its `texts.ts`, so that `t()` knows them.
export interface TextsByFeature {}

export type Feature = keyof TextsByFeature
export type Id = { [F in Feature]: keyof TextsByFeature[F] & string }[Feature]
