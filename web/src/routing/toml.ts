// A route as a table of the settings file (docs/reference/routes.md).
import { tomlValue } from '../parts/toml'
import type { Body } from './draft'

/** `[[routes]]` with the fields of a route. The file knows no `enabled`: its routes are on. */
export function tomlOf({ name, priority, carriers, match }: Body): string {
  const lines = ['[[routes]]', `name = ${tomlValue(name)}`, `priority = ${priority}`]
  lines.push(carriers.every((one) => typeof one === 'string') ? `carriers = ${tomlValue(carriers)}` : `carriers = [\n${carriers.map((one) => `  ${tomlValue(one)},\n`).join('')}]`)
  if (Object.keys(match).length > 0) lines.push(`match = ${tomlValue(match)}`)
  return `${lines.join('\n')}\n`
}
