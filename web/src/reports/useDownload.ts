// The file of a saved report.
import { useState } from 'react'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { saveFile } from '../parts/saveFile'
import { notifyRefusal } from '../parts/Notices'
import { askedOf, type SavedReport } from './report'

/** Loads the file of a report, as of now or for the span of a run. The figures are those of now. */
export function useDownload(report: SavedReport): { busy: boolean; load: (at?: string) => Promise<void> } {
  const api = useApi()
  const [busy, setBusy] = useState(false)
  const load = async (at?: string): Promise<void> => {
    setBusy(true)
    try {
      const { start, end } = await take(api.GET('/v1/reports/saved/{id}/report', { params: { path: { id: report.id }, query: { at } } }))
      const query = { ...askedOf(report.query), start, end, format: report.format }
      const file: unknown = await take(api.GET('/v1/reports/messages', { params: { query }, parseAs: 'blob' }))
      if (file instanceof Blob) saveFile(file, `${report.name}-${end.slice(0, 10)}.${report.format}`)
    } catch (error) {
      notifyRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  return { busy, load }
}
