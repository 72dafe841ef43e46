// The variables that a text names, with the type that its use suggests: so nobody types them twice.
//
// It reads only what it has to: braces, names and the words behind them. Whether the text is right, the API says.
import type { Type } from './template'

const TYPES: Record<string, Type> = { number: 'number', plural: 'number', selectordinal: 'number', date: 'date', time: 'time' }
const BRANCHED = /^(plural|select|selectordinal)$/
const NAME = /^[a-z][a-z0-9_]{0,31}$/

/** By name, in the order of the text. */
export function namedIn(text: string): Record<string, Type> {
  const found: Record<string, Type> = {}
  let at = 0

  /** Literal text with its arguments, to the brace that ends it. */
  const message = (): void => {
    while (at < text.length && text[at] !== '}') {
      if (text[at] === "'" && /[{}]/.test(text[at + 1] ?? '')) at = closing(at + 1)
      else if (text[at] === '{') argument()
      else at += 1
    }
  }
  /** Behind the apostrophe that ends what is quoted. */
  const closing = (from: number): number => {
    const end = text.indexOf("'", from)
    return end === -1 ? text.length : end + 1
  }
  const argument = (): void => {
    const [whole = '', name = '', kind = ''] = /^\{\s*([^,{}\s]*)\s*(?:,\s*([a-z]*)\s*,?)?/.exec(text.slice(at)) ?? []
    at += Math.max(1, whole.length)
    if (NAME.test(name)) found[name] = TYPES[kind] ?? found[name] ?? 'string'
    while (at < text.length && text[at] !== '}') {
      if (text[at] === '{' && BRANCHED.test(kind)) {
        at += 1
        message()
      }
      at += 1
    }
    at += 1
  }
  while (at < text.length) {
    message()
    at += 1
  }
  return found
}
