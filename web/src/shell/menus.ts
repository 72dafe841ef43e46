// The menus of the head: one part of the program, loaded behind the page.
export { AccountMenu } from './AccountMenu'
export { ModeMenu } from './ModeMenu'
export { UserMenu } from './UserMenu'
