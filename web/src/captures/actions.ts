// What one does with a capture: stop it, and take its file.
import type { QueryClient } from '@tanstack/react-query'
import { take } from '../api/client'
import { useApi } from '../app/session'
import { useT } from '../i18n/i18n'
import { notify, notifyRefusal } from '../parts/Notices'
import { saveFile } from '../parts/saveFile'
import { type Capture, CAPTURES } from './capture'

export function useEnd(capture: Capture, queries: QueryClient): { stop: () => Promise<void>; download: () => Promise<void> } {
  const t = useT()
  const api = useApi()
  const params = { path: { id: capture.id } }
  return {
    stop: async () => {
      try {
        await take(api.POST('/v1/captures/{id}/stop', { params }))
        await queries.invalidateQueries({ queryKey: [CAPTURES] })
        notify(t('captures.isStopped'))
      } catch (error) {
        notifyRefusal(error)
      }
    },
    download: async () => {
      try {
        const file: unknown = await take(api.GET('/v1/captures/{id}/file', { params, parseAs: 'blob' }))
        if (file instanceof Blob) saveFile(file, `${capture.id}.pcap`)
      } catch (error) {
        notifyRefusal(error)
      }
    },
  }
}
