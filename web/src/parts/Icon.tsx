// The icons, drawn for this console on a grid of 24, with lines of 1.75.
import type { ReactNode } from 'react'

const PATHS = {
  home: 'M4 11 12 4l8 7v9h-5v-6H9v6H4z',
  messages: 'M4 5h16v11H10l-4 4v-4H4zM8 9h8M8 12h5',
  inbox: 'M4 13 6.5 5h11L20 13v6H4zM4 13h5a3 3 0 0 0 6 0h5',
  chart: 'M4 20h16M7 20v-7M12 20V6M17 20v-10',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4',
  send: 'M4 12 20 4l-5 16-4-6zM11 14l9-10',
  megaphone: 'M4 10v4h3l9 5V5l-9 5zM16 9a4 4 0 0 1 0 6M7 14v5h3v-4',
  flow: 'M4 4h6v5H4zM14 15h6v5h-6zM7 9v4h10v2',
  template: 'M5 4h14v16H5zM8 8h8M8 12h8M8 16h4',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20a6 6 0 0 1 12 0M16 4.5a3.5 3.5 0 0 1 0 6M18 14.5a6 6 0 0 1 3 5.5',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20a7 7 0 0 1 14 0',
  shield: 'M12 3 5 6v6c0 4 3 7 7 9 4-2 7-5 7-9V6zM9 12l2 2 4-4',
  flask: 'M9 3h6M10 3v6L5 19a1.5 1.5 0 0 0 1.4 2h11.2a1.5 1.5 0 0 0 1.4-2L14 9V3M7.5 15h9',
  key: 'M14.5 13A4.5 4.5 0 1 0 10.3 10L4 16.3V20h4v-2.5h2.5V15l1.6-1.6a4.5 4.5 0 0 0 2.4-.4zM16 8h.01',
  webhook: 'M8 12a4 4 0 1 1 5.5-5M12 7l3.5 6.5M16 13a4 4 0 1 1-3 6.5M16.5 16.5H9M5 13.5a4 4 0 1 0 4 5.5M10 13l2-5',
  plug: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  tower: 'M12 10v11M9 21h6M12 10a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM8 12.5a5.5 5.5 0 0 1 0-8M16 12.5a5.5 5.5 0 0 0 0-8M5 15a9.5 9.5 0 0 1 0-13M19 15a9.5 9.5 0 0 0 0-13',
  route: 'M6 20a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM18 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 18h7a3 3 0 0 0 0-6H9a3 3 0 0 1 0-6h7',
  money: 'M3 6h18v12H3zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM6 9v.01M18 15v.01',
  number: 'M9 4 7 20M17 4l-2 16M4 9h16M4 15h16',
  sender: 'M4 6h16v12H4zM4 7l8 6 8-6',
  stop: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM8.5 15.5l7-7',
  audit: 'M6 3h12v18H6zM9 8h6M9 12h6M9 16h3',
  settings: 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M5.6 18.4l2.2-2.2M16.2 7.8l2.2-2.2',
  building: 'M5 21V4h9v17M14 9h5v12M8 8h3M8 12h3M8 16h3M3 21h18',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4v16l13-8z',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20 20',
  plus: 'M12 5v14M5 12h14',
  check: 'M5 12.5 10 17 19 7',
  cross: 'M6 6l12 12M18 6 6 18',
  alert: 'M12 4 2.5 20h19zM12 10v4M12 17v.01',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.01',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2',
  circle: 'M12 17a5 5 0 1 0 0-10 5 5 0 0 0 0 10z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  download: 'M12 4v11M7 11l5 5 5-5M4 20h16',
  upload: 'M12 15V4M7 8l5-4 5 4M4 20h16',
  external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  refresh: 'M20 11a8 8 0 0 0-14-4L4 9M4 4v5h5M4 13a8 8 0 0 0 14 4l2-2M20 20v-5h-5',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  filter: 'M4 5h16l-6 8v6l-4-2v-4z',
  menu: 'M4 7h16M4 12h16M4 17h16',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  down: 'M6 9l6 6 6-6',
  up: 'M6 15l6-6 6 6',
  grip: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
  right: 'M9 6l6 6-6 6',
  left: 'M15 6l-6 6 6 6',
  lock: 'M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2',
  moon: 'M20 14A8.5 8.5 0 0 1 10 4a8.5 8.5 0 1 0 10 10z',
  out: 'M10 4H5v16h5M15 8l4 4-4 4M19 12H10',
  book: 'M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11',
  fingerprint: 'M6 18c1-2 1-4 1-6a5 5 0 0 1 10 0c0 3 0 5-1 8M12 12c0 4-.5 6-2 8.5M4 14c.3-5 2-9.5 8-9.5 3 0 5 1 6.5 3M20 12c0 3 0 5-.5 7',
  code: 'M8 7l-5 5 5 5M16 7l5 5-5 5M13.5 5l-3 14',
  list: 'M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01',
  pulse: 'M3 12h4l3-8 4 16 3-8h4',
  live: 'M12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7.8 16.2a6 6 0 0 1 0-8.4M16.2 7.8a6 6 0 0 1 0 8.4M5 19a10 10 0 0 1 0-14M19 5a10 10 0 0 1 0 14',
} as const

export type IconName = keyof typeof PATHS

/** Icons that show a direction of reading: mirrored where text runs from right to left. */
const MIRRORED: ReadonlySet<IconName> = new Set(['right', 'left', 'send', 'out', 'external', 'list', 'flow', 'megaphone'])

/** An icon beside a text. Without a text beside it, its control carries an `aria-label`. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      className={MIRRORED.has(name) ? 'o-icon o-mirrored' : 'o-icon'}
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
