// The states of an account that count.
export const STATES = ['active', 'suspended', 'closed'] as const
