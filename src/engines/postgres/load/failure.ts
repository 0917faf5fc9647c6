import { Refusal } from '../../../model/index.ts'
import type { SqlError } from './sql-errors.ts'

/** What to tell when the first error has ended a load. */
export function loadFailure(errors: readonly SqlError[], said: readonly string[]): Refusal {
  const [first] = errors
  const where = first?.line === undefined || first.line === null ? '' : ` (line ${first.line})`
  return new Refusal('The dump could not be loaded.', {
    reason: first === undefined ? said.join(' ') : `${first.message}${where}`,
    advice: 'Put right what the reason names, or add -I to go on after SQL errors.',
  })
}
