import { readFileSync } from 'node:fs'
import { isCode } from '../platform/index.ts'
import type { Shape } from './shape.ts'

/** Where problems are told, and what a file should hold. */
export interface JsonReader<Value> {
  readonly shape: Shape<Value>
  readonly onProblem: (text: string) => void
}

const whatNow = 'Delete or mend it; without it the backup counts by its name alone.'

/**
 * The value in a file; null when it is absent, or cannot be read or understood, which is told.
 * Synchronous, because for thousands of small files that is several times as fast.
 */
export function readJson<Value>(
  path: string,
  { shape, onProblem }: JsonReader<Value>,
): Value | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const problem = shape(value)
    if (problem === null) return value as Value
    onProblem(`${path} is not used: in it, the value${problem}. ${whatNow}`)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    if (!(error instanceof SyntaxError) && !isCode(error, 'EACCES', 'EISDIR')) throw error
    onProblem(
      `${path} is not used: ${error instanceof Error ? error.message : String(error)}. ${whatNow}`,
    )
  }
  return null
}
