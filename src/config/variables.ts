import { accountOf } from '../model/index.ts'
import type { Problems } from './problems.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The text of a file, or null when there is none; rejects when it is there but unreadable. */
export type ReadFile = (path: string) => Promise<string | null>

/** The environment as our users know it: empty is unset, and secrets may be in files. */
export class Variables {
  readonly #environment: Environment
  readonly #readFile: ReadFile
  readonly #problems: Problems

  constructor(environment: Environment, readFile: ReadFile, problems: Problems) {
    this.#environment = environment
    this.#readFile = readFile
    this.#problems = problems
  }

  valueOf(variable: string): string | null {
    const value = this.#environment[variable]
    return value === undefined || value === '' ? null : value
  }

  /** Of all that are set, sorted. */
  names(): readonly string[] {
    return Object.keys(this.#environment)
      .filter((name) => this.valueOf(name) !== null)
      .toSorted()
  }

  /** Directly or by its file. */
  isSet(variable: string): boolean {
    return (this.valueOf(variable) ?? this.valueOf(`${variable}_FILE`)) !== null
  }

  /** The value, or the contents of the file that `<variable>_FILE` names, byte for byte (D-30). */
  async valueOrFileOf(variable: string): Promise<string | null> {
    const value = this.valueOf(variable)
    const path = this.valueOf(`${variable}_FILE`)
    if (path === null) return this.#withoutZeroByte(variable, value)
    if (value === null) {
      return this.#withoutZeroByte(`${variable}_FILE`, await this.#contentsOf(variable, path))
    }
    this.#problems.add(
      variable,
      `It is set, and ${variable}_FILE is set too. Which one is meant cannot be told; unset one.`,
    )
    return null
  }

  async #contentsOf(variable: string, path: string): Promise<string | null> {
    const problem = (what: string): null => {
      this.#problems.add(`${variable}_FILE`, what)
      return null
    }
    let text: string | null
    try {
      text = await this.#readFile(path)
    } catch (error) {
      const { message } = accountOf(error)
      return problem(
        `The file ${path} cannot be read (${message}). Make it readable for this user.`,
      )
    }
    if (text === null) return problem(`There is no file ${path}. Create it, or correct the path.`)
    const value = text.replace(/\r?\n$/u, '')
    if (value !== '') return value
    return problem(`The file ${path} is empty. Write the value into it, or unset the variable.`)
  }

  /** Such a value could be handed to no program, and the error would show it. */
  #withoutZeroByte(variable: string, value: string | null): string | null {
    if (value?.includes('\0') !== true) return value
    this.#problems.add(variable, 'The value holds a zero byte. Write it anew, as plain text.')
    return null
  }
}
