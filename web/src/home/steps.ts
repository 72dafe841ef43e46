// The first steps, each judged by what is really there: a message that arrived, a webhook that answered.
import { useQuery } from '@tanstack/react-query'
import { type Api, take } from '../api/client'
import { OPERATIONS, type Operation } from '../api/scopes'
import { refusedTo, sessionOf, useMe, useSession } from '../app/session'

export const STEPS = ['tried', 'key', 'webhook', 'carrier', 'live', 'people'] as const
export type Step = (typeof STEPS)[number]
export type Progress = { step: Step; done: boolean }[]

/** What a step reads. Who may not read it does not have the step. */
const READS: Record<Step, Operation> = {
  tried: 'GET /v1/messages', key: 'GET /v1/keys', webhook: 'GET /v1/webhooks', carrier: 'GET /v1/carriers', live: 'GET /v1/messages', people: 'GET /v1/users',
}
const WEBHOOKS = 5

type Apis = { live: Api; test: Api }

const CHECKS: Record<Step, (apis: Apis) => Promise<boolean>> = {
  tried: async ({ test }) => (await take(test.GET('/v1/messages', { params: { query: { status: ['delivered'], limit: 1 } } }))).data.length > 0,
  live: async ({ live }) => (await take(live.GET('/v1/messages', { params: { query: { direction: 'outbound', limit: 1 } } }))).data.length > 0,
  // Keys are there from the start; one that was used is a step.
  key: async ({ live }) => (await take(live.GET('/v1/keys'))).data.some((key) => key.last_used_at !== null),
  // A simulated carrier is there from the start, and is no step.
  carrier: async ({ live }) => (await take(live.GET('/v1/carriers', { params: { query: { limit: 100 } } }))).data.some((carrier) => carrier.type !== 'simulator'),
  people: async ({ live }) => (await take(live.GET('/v1/users', { params: { query: { limit: 2 } } }))).data.length > 1,
  webhook: async (apis) => {
    for (const api of [apis.live, apis.test]) {
      const { data } = await take(api.GET('/v1/webhooks'))
      for (const { id } of data.slice(0, WEBHOOKS)) {
        const query = { status: 'delivered', limit: 1 } as const
        const told = await take(api.GET('/v1/webhooks/{id}/deliveries', { params: { path: { id }, query } }))
        if (told.data.length > 0) return true
      }
    }
    return false
  },
}

/** Which steps there are for this person, and which are done. */
export function useSteps(enabled: boolean) {
  const { where } = useSession()
  const me = useMe()
  const steps = STEPS.filter((step) => refusedTo({ ...me, mode: 'live' }, OPERATIONS[READS[step]]) === null)
  return useQuery({
    queryKey: ['home', 'steps', steps],
    queryFn: async (): Promise<Progress> => {
      const apis = { live: sessionOf({ ...where, mode: 'live' }).api, test: sessionOf({ ...where, mode: 'test' }).api }
      return Promise.all(steps.map(async (step) => ({ step, done: await CHECKS[step](apis) })))
    },
    refetchInterval: ({ state }) => (state.data?.every((each) => each.done) === true ? false : 30_000),
    enabled,
  })
}
