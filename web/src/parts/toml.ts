// Values as the settings file has them (TOML).

/** A value in one line: tables are inline, and what is absent is left out. */
export function tomlValue(given: unknown): string {
  if (typeof given === 'string') return text(given)
  if (Array.isArray(given)) return `[${given.map(tomlValue).join(', ')}]`
  if (typeof given === 'object' && given !== null) {
    const pairs = Object.entries(given).filter(([, each]) => each !== undefined && each !== null)
    return `{ ${pairs.map(([key, each]) => `${tomlKey(key)} = ${tomlValue(each)}`).join(', ')} }`
  }
  return String(given)
}

export const tomlKey = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : text(key))

/** A basic string of TOML: JSON's escapes are among its own, but for DEL. */
const text = (given: string): string => JSON.stringify(given).replaceAll('\u007f', String.raw`\u007F`)
