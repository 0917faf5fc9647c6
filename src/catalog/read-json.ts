import type { Reading } from '../model/index.ts'
import type { Shape } from './shape.ts'

/** Where problems are told, and what a file should hold. */
export interface JsonReader<Value> {
  readonly shape: Shape<Value>
  readonly onProblem: (text: string) => void
}

const whatNow = 'Delete or mend it; without it the backup counts by its name alone.'

/**
 * The value in what was read from the file `label`; null when it is absent, or cannot be read or
 * understood, which is told.
 */
export function valueOf<Value>(
  label: string,
  reading: Reading | null,
  { shape, onProblem }: JsonReader<Value>,
): Value | null {
  if (reading === null) return null
  const found = 'problem' in reading ? reading : parsed(reading.text)
  if ('problem' in found) {
    onProblem(`${label} is not used: ${found.problem}. ${whatNow}`)
    return null
  }
  const wrong = shape(found.value)
  if (wrong === null) return found.value as Value
  onProblem(`${label} is not used: in it, the value${wrong}. ${whatNow}`)
  return null
}

function parsed(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { problem: error.message }
  }
}
