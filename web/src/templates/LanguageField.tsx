// A language: typed as its tag, or chosen by its name from those that most people look for.
import { Autocomplete } from '@mantine/core'
import type { ReactNode } from 'react'
import { COMMON, languageName } from './languages'

type Props = { label: string; value: string; onChange: (tag: string) => void; error?: ReactNode; 'data-field'?: string; name?: string; description?: string }

export function LanguageField({ value, onChange, description, ...props }: Props): ReactNode {
  const named = value.trim() === '' ? undefined : languageName(value.trim())
  return (
    <Autocomplete
      {...props}
      value={value}
      onChange={onChange}
      data={[...COMMON]}
      description={description ?? named}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      renderOption={({ option }) => `${languageName(option.value)} (${option.value})`}
      filter={({ options, search }) => {
        const wanted = search.trim().toLowerCase()
        return options.filter((option) => 'value' in option && (option.value.toLowerCase().startsWith(wanted) || languageName(option.value).toLowerCase().includes(wanted)))
      }}
      maxDropdownHeight={180}
      dir="ltr"
      autoComplete="off"
    />
  )
}
