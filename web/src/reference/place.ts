// Where the product is, from the reference's own address: `/docs`, or `/prefix/docs`.

/** The address above `/docs`, with a slash at its end. */
export const ROOT: string = new URL(import.meta.env.DEV ? '/' : '.', location.href).href
