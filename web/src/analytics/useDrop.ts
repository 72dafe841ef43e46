// Drops filters of analytics.
import { useNavigate } from '@tanstack/react-router'
import type { Filter } from './view'

export function useDrop(): (filters: readonly Filter[]) => void {
  const navigate = useNavigate({ from: '/analytics' })
  return (filters) => void navigate({ search: (all) => ({ ...all, ...Object.fromEntries(filters.map((each) => [each, undefined])) }), resetScroll: false })
}
