/// <reference types="vite/client" />

/** The styles of Mantine (`build/mantine.ts`). */
declare module 'virtual:mantine'
