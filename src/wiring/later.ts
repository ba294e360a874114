/**
 * A part of a circle: what is made before it holds it by this, and may use it only once it is made. A use before that is
 * a mistake in the order of `app.ts`, and fails by name.
 */
export interface Later<T> {
  /** Says what it is, and returns that. */
  is(made: T): T
  /** @throws Error while it is not made. */
  get(): T
  /** Undefined while it is not made: for one that may come late, or never. */
  ifMade(): T | undefined
}

export function later<T>(name: string): Later<T> {
  let found: { readonly made: T } | undefined
  return {
    is(made) {
      found = { made }
      return made
    },
    get() {
      if (found === undefined) throw new Error(`the ${name} is used before it is made`)
      return found.made
    },
    ifMade: () => found?.made,
  }
}
