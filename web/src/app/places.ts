// Where the console and the API are. The server writes the path prefix into `<base href>`.

const base = new URL('.', document.baseURI)

/** The path of the console, with a slash at its end: `/console/`, or `/prefix/console/`. */
export const CONSOLE_PATH = base.pathname
/** The address of the API without a slash at its end; paths begin with `/v1`. */
export const API_BASE = new URL('..', base).href.replace(/\/$/, '')
/** A path of the product outside the console, such as `/docs`. */
export const productPath = (path: string): string => API_BASE + path
