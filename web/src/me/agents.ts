// The name of a browser and its system, from how it names itself. For people who look for their own in a list.
const BROWSERS: [RegExp, string][] = [
  [/Edg\w*\/(\d+)/, 'Edge'],
  [/OPR\/(\d+)/, 'Opera'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/(?:Headless)?Chrome\/(\d+)/, 'Chrome'],
  [/Version\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari/, 'Safari'],
  [/curl\/(\d+)/, 'curl'],
]
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

/** `Firefox 141, Linux`. null if it is none that is known. */
export function browserOf(agent: string): string | null {
  for (const [pattern, name] of BROWSERS) {
    const version = pattern.exec(agent)?.[1]
    if (version === undefined) continue
    const system = SYSTEMS.find(([each]) => each.test(agent))?.[1]
    return system === undefined ? `${name} ${version}` : `${name} ${version}, ${system}`
  }
  return null
}
