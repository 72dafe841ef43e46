// What a form was refused for, where no field of it is at fault.
import type { ReactNode } from 'react'
import { RefusalText } from './RefusalText'
import type { Form } from './useForm'
import './parts.css'

export function FormErrors<V>({ form }: { form: Form<V> }): ReactNode {
  if (form.refusal === null || form.at !== null) return null
  return (
    <div role="alert" className="o-refused" tabIndex={-1} data-form-errors>
      <RefusalText refusal={form.refusal} />
    </div>
  )
}
