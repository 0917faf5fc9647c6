/**
 * What is wrong with a value from the outside: the way to it and what it should be, such as
 * `.tables.3.rows is no count`; null when nothing is. Written by hand because thousands of
 * manifests are read for one listing, which must not wait for a library to load.
 */
export type Shape<Described = unknown> = ((value: unknown) => string | null) & {
  /** Never there; carries the type of the values that it finds nothing wrong with. */
  readonly described?: Described
}

function shape(holds: (value: unknown) => boolean, expected: string): Shape {
  return (value) => (holds(value) ? null : ` is ${expected}`)
}

export const text = shape((value) => typeof value === 'string', 'no text')
export const flag = shape((value) => typeof value === 'boolean', 'neither true nor false')
export const count = shape(
  (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0,
  'no count',
)
/** ISO 8601 in UTC. */
export const instant = shape(
  (value) => typeof value === 'string' && value.endsWith('Z') && !Number.isNaN(Date.parse(value)),
  'no time',
)

export function oneOf(...values: readonly unknown[]): Shape {
  return shape((value) => values.includes(value), `none of ${values.join(', ')}`)
}

export function nullOr(inner: Shape): Shape {
  return (value) => (value === null ? null : inner(value))
}

export function absentOr(inner: Shape): Shape {
  return (value) => (value === undefined ? null : inner(value))
}

export function listOf(inner: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return ' is no list'
    for (const [index, item] of value.entries()) {
      const problem = inner(item)
      if (problem !== null) return `.${index}${problem}`
    }
    return null
  }
}

/** An object with at least these fields: a later version may have added others. */
export function record<Type>(
  fields: {
    readonly [Key in keyof Type]-?: Shape
  },
): Shape<Type> {
  const entries = Object.entries<Shape>(fields)
  return (value) => {
    if (typeof value !== 'object' || value === null) return ' is no object'
    for (const [name, inner] of entries) {
      const problem = inner((value as Record<string, unknown>)[name])
      if (problem !== null) return `.${name}${problem}`
    }
    return null
  }
}
