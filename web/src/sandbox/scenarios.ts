// The scenarios that can be played: what is done, and what must come of it.
//
// Rules kept here:
// - what happens is the doing of numbers with a fixed outcome, so that a scenario ends alike each time and concerns
//   nobody else. `outage` alone takes a carrier down, for everybody: it is for operators;
// - a step says by its `wants` what must become of its message; `judge.ts` judges it.
import type { Operation } from '../api/scopes'
import type { IconName } from '../parts/Icon'
import type { Wants } from './judge'

export type Step =
  /** We send a message to a handset. */
  | { do: 'send'; to: string; wants: Wants }
  /** A handset writes to our sender. */
  | { do: 'write'; from: string; text: string; wants: Wants }
  /** The link of the carrier that comes first is down, until the scenario ends. */
  | { do: 'down' }

export type ScenarioId = 'delivered' | 'slow' | 'undelivered' | 'refused' | 'throttled' | 'failover' | 'outage' | 'lost' | 'corrected' | 'stop' | 'optout' | 'inbound'

export type Scenario = {
  id: ScenarioId
  icon: IconName
  /** How long it usually takes. */
  seconds: number
  steps: readonly Step[]
  /** What it calls beside sending. Who may not call it cannot play it. */
  calls?: Operation
}

/** The sender of the scenarios and of the numbers: a number, because no handset can answer a name. */
export const SENDER = '+15550009999'
/** A handset without a fixed outcome. */
const HANDSET = '+15551230160'

const FIRST: Scenario = { id: 'delivered', icon: 'check', seconds: 1, steps: [{ do: 'send', to: '+15000160001', wants: { status: 'delivered' } }] }

export const SCENARIOS: readonly Scenario[] = [
  FIRST,
  { id: 'slow', icon: 'clock', seconds: 6, steps: [{ do: 'send', to: '+15000160003', wants: { status: 'delivered', waits: 4 } }] },
  { id: 'undelivered', icon: 'cross', seconds: 1, steps: [{ do: 'send', to: '+15000160013', wants: { status: 'undelivered', error: 'undeliverable' } }] },
  { id: 'refused', icon: 'stop', seconds: 1, steps: [{ do: 'send', to: '+15000160022', wants: { status: 'failed', error: 'recipient_refused' } }] },
  { id: 'throttled', icon: 'pause', seconds: 2, steps: [{ do: 'send', to: '+15000160031', wants: { status: 'delivered', outcomes: ['throttled', 'accepted'] } }] },
  { id: 'failover', icon: 'route', seconds: 2, steps: [{ do: 'send', to: '+15000160034', wants: { status: 'delivered', outcomes: ['permanent', 'accepted'] } }] },
  { id: 'outage', icon: 'tower', seconds: 3, calls: 'POST /v1/sandbox/scenario', steps: [{ do: 'down' }, { do: 'send', to: '+15000160001', wants: { status: 'delivered' } }] },
  { id: 'lost', icon: 'alert', seconds: 15, steps: [{ do: 'send', to: '+15000160041', wants: { status: 'delivered', outcomes: ['unknown', 'accepted'] } }] },
  { id: 'corrected', icon: 'refresh', seconds: 7, steps: [{ do: 'send', to: '+15000160055', wants: { status: 'delivered', corrected: true } }] },
  { id: 'stop', icon: 'inbox', seconds: 3, steps: [{ do: 'send', to: '+15000160062', wants: { status: 'delivered', answer: 'STOP' } }] },
  {
    id: 'optout', icon: 'lock', seconds: 5,
    steps: [
      { do: 'send', to: '+15000160063', wants: { status: 'delivered', answer: 'STOP' } },
      { do: 'send', to: '+15000160063', wants: { status: 'failed', error: 'recipient_opted_out' } },
      { do: 'write', from: '+15000160063', text: 'START', wants: { status: 'received' } },
    ],
  },
  { id: 'inbound', icon: 'webhook', seconds: 1, steps: [{ do: 'write', from: HANDSET, text: 'Hello 160', wants: { status: 'received' } }] },
]

/** The scenario of this name, or else the first. */
export const scenarioOf = (id: string | undefined): Scenario => SCENARIOS.find((scenario) => scenario.id === id) ?? FIRST
