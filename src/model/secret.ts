const inspectInNode = Symbol.for('nodejs.util.inspect.custom')

/** Shows itself only when asked by name: not in templates, JSON, logs, errors or a debugger. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The only way to the value; each use is a place for a review. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '***'
  }

  toJSON(): string {
    return '***'
  }

  [inspectInNode](): string {
    return '***'
  }
}
