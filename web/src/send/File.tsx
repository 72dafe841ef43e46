// A file with numbers: it is read in the browser, and the column with the numbers is found.
import { FileInput, NativeSelect } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useT } from '../i18n/i18n'
import { Icon } from '../parts/Icon'
import { numberColumn, numbersIn, numbersOf, type Recipients as Found, type Table, tableOf } from './recipients'

export function File({ onFile, error }: { onFile: (found: Found) => void; error: ReactNode }): ReactNode {
  const t = useT()
  const [file, setFile] = useState<globalThis.File | null>(null)
  const [table, setTable] = useState<Table | null>(null)
  const [column, setColumn] = useState(0)
  const read = async (given: globalThis.File | null): Promise<void> => {
    setFile(given)
    if (given === null) {
      setTable(null)
      return onFile(numbersIn(''))
    }
    const found = tableOf(await given.text())
    setTable(found)
    take(found, numberColumn(found))
  }
  const take = (found: Table, place: number): void => {
    setColumn(place)
    onFile(numbersOf(found, place))
  }
  return (
    <>
      <FileInput
        label={t('send.file')}
        description={t('send.fileAbout')}
        placeholder={t('send.chooseFile')}
        accept=".csv,.txt,text/csv,text/plain"
        clearable
        clearButtonProps={{ 'aria-label': t('parts.clear') }}
        leftSection={<Icon name="list" size={16} />}
        value={file}
        error={error}
        onChange={(given) => void read(given)}
      />
      {table !== null && table.columns.length > 1 && (
        <NativeSelect
          label={t('send.column')}
          data={table.columns.map((name, place) => ({ value: `${place}`, label: `${name} (${table.rows[0]?.[place] ?? ''})` }))}
          value={`${column}`}
          onChange={(event) => take(table, Number(event.currentTarget.value))}
        />
      )}
    </>
  )
}

