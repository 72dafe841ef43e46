// Numbers from what people paste, and from files.

/** The most recipients of one batch. */
export const MOST = 10_000

export type Recipients = { numbers: string[]; repeated: number }

/** The numbers of a pasted list: one a line, or separated by commas or semicolons. Each counts once. */
export function numbersIn(pasted: string): Recipients {
  const all = pasted
    .split(/[\n\r,;\t]+/)
    .map(tidy)
    .filter((number) => number !== '')
  const numbers = [...new Set(all)]
  return { numbers, repeated: all.length - numbers.length }
}

const tidy = (number: string): string => number.replace(/[\s().-]/g, '').replace(/^00/, '+')

export type Table = { columns: string[]; rows: string[][] }

/** A CSV file (RFC 4180), also with semicolons or tabs. The first line names the columns, unless it has a number. */
export function tableOf(file: string): Table {
  const text = file.replace(/^\uFEFF/, '')
  const [line = ''] = text.split(/\r?\n/, 1)
  const separator = [',', ';', '\t'].toSorted((a, b) => line.split(b).length - line.split(a).length)[0] ?? ','
  const rows = recordsOf(text, separator).filter((row) => row.some((cell) => cell.trim() !== ''))
  const [first = []] = rows
  const named = !first.some(isNumber)
  const columns = first.map((cell, place) => (named && cell.trim() !== '' ? cell.trim() : `${place + 1}`))
  return { columns, rows: named ? rows.slice(1) : rows }
}

function recordsOf(text: string, separator: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  for (let place = 0; place < text.length; place += 1) {
    const character = text[place] ?? ''
    if (quoted) {
      if (character !== '"') cell += character
      else if (text[place + 1] === '"') {
        cell += '"'
        place += 1
      } else quoted = false
    } else if (character === '"' && cell === '') quoted = true
    else if (character === separator) {
      row.push(cell)
      cell = ''
    } else if (character === '\n') {
      rows.push([...row, cell])
      row = []
      cell = ''
    } else if (character !== '\r') cell += character
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell])
  return rows
}

export const isNumber = (cell: string): boolean => /^\+?[0-9]{5,15}$/.test(tidy(cell))

/** The column with the most numbers. */
export function numberColumn({ columns, rows }: Table): number {
  const counts = columns.map((_, place) => rows.slice(0, 100).filter((row) => isNumber(row[place] ?? '')).length)
  return Math.max(0, counts.indexOf(Math.max(...counts)))
}

/** The numbers of one column, each once. */
export const numbersOf = (table: Table, column: number): Recipients => numbersIn(table.rows.map((row) => row[column] ?? '').join('\n'))
