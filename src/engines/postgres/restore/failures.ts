import { Refusal } from '../../../model/index.ts'
import { explain } from '../problems.ts'
import type { Preparation } from './order.ts'

const full = /No space left on device|could not extend file|disk full/iu
const noRoom =
  'The server has no room for two copies: enlarge its volume, or restore with --in-place, which drops the present database first.'

/** What to tell of a restore beside the present database that failed. `left`: what it left behind. */
export function failureBeside(
  error: unknown,
  preparation: Preparation,
  left: string | null,
): unknown {
  const { existing } = preparation.server
  const state =
    existing === null ? 'No database was created.' : 'The present database is as it was.'
  const { told, isFull } = toldOf(error, preparation)
  if (!(told instanceof Refusal)) return told
  const advice = isFull && existing !== null ? noRoom : told.advice
  return failure(preparation, told, { state: left === null ? state : `${state} ${left}`, advice })
}

/** What to tell of a restore in place that failed. */
export function failureInPlace(
  error: unknown,
  preparation: Preparation,
  { hasTouched }: { readonly hasTouched: boolean },
): unknown {
  const { told } = toldOf(error, preparation)
  if (!(told instanceof Refusal)) return told
  const state = hasTouched
    ? 'The old contents are gone, as --in-place has it, and the new ones are not complete.'
    : 'The present database is as it was.'
  return failure(preparation, told, { state, advice: told.advice })
}

function toldOf(
  error: unknown,
  { order }: Preparation,
): { readonly told: unknown; readonly isFull: boolean } {
  const told = explain(whatOf(order), error, order.target)
  const isFull = told instanceof Refusal && full.test(`${told.message} ${told.reason}`)
  return { told, isFull }
}

function failure(
  { order }: Preparation,
  told: Refusal,
  { state, advice }: { readonly state: string; readonly advice: string },
): Refusal {
  const what = whatOf(order)
  const parts = [told.message === what ? '' : told.message, told.reason, state]
  return new Refusal(what, {
    reason: parts.filter((part) => part !== '').join(' '),
    advice,
    exitStatus: told.exitStatus,
    cause: told,
  })
}

function whatOf({ target }: Preparation['order']): string {
  return `The restore of ${target.spec.written} failed.`
}
