// The choices of the queue of profiles, as they are in the URL.
export const SHOWN = ['in_review', 'rejected', 'expired', 'verified', 'unverified', 'all'] as const
