// A link to a page that another feature brings, if it is there.
import { useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { TextLink } from '../parts/Link'

export function Page({ path, children }: { path: string; children: ReactNode }): ReactNode {
  const known: Record<string, unknown> = useRouter().routesByPath
  // The path was looked up among the routes that exist, which no type can know.
  return known[path] === undefined ? <span>{children}</span> : <TextLink to={path as '/'}>{children}</TextLink>
}
