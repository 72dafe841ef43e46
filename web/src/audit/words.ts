// The words of the audit log in the person's language. A word that only a newer server or an extension knows stands as
// the server wrote it.
import { useT } from '../i18n/i18n'

/** What was done. `tests/audit_log` checks that every word of the API is here. */
export const ACTIONS = [
  'made', 'changed', 'removed', 'rotated', 'replayed', 'tested', 'ran', 'imported',
  'started', 'stopped', 'rebuilt', 'redacted', 'exported', 'read', 'acknowledged', 'probed',
  'ended', 'checked', 'entered', 'signed_in', 'sign_in_refused', 'signed_out', 'signed_out_everywhere', 'stepped_up',
  'used', 'reset', 'email_change_asked', 'backed_up', 'migrated', 'restored', 'altered', 'lost',
  'released',
] as const

/** What it was done to. */
export const OBJECTS = [
  'account', 'adjustment', 'alert', 'audit_entry', 'audit_log', 'callback_secret', 'capture', 'carrier',
  'credential', 'database', 'document', 'identity', 'installation', 'invitation', 'job', 'key',
  'link', 'message', 'messages', 'number', 'number_ranges', 'pause', 'preferences', 'profile',
  'recovery_code', 'reports', 'retention', 'route', 'rule', 'saved_report', 'saved_view', 'scenario',
  'session', 'settings', 'smpp_bind', 'user', 'webhook', 'verification', 'verify_profile', 'block', 'version',
  'trusted_number', 'template', 'refusals', 'batches', 'verifications', 'deliveries', 'numbers',
  'adjustments', 'verify_blocks', 'alerts',
] as const

export function useWords(): { action: (word: string) => string; object: (word: string) => string } {
  const t = useT()
  return {
    action: (word) => {
      const known = ACTIONS.find((each) => each === word)
      return known === undefined ? plain(word) : t(`audit.action.${known}`)
    },
    object: (word) => {
      const known = OBJECTS.find((each) => each === word)
      return known === undefined ? plain(word) : t(`audit.object.${known}`)
    },
  }
}

const plain = (word: string): string => word.replaceAll('_', ' ')
