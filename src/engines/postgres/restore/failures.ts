import { Refusal } from '../../../model/index.ts'
import { explain } from '../problems.ts'
import { missingTablespace } from './archive-demands.ts'
import type { Preparation } from './order.ts'

const full = /No space left on device|could not extend file|disk full/iu
const noRoom =
  'The server has no room for two copies: enlarge its volume, or restore with --in-place, which drops the present database first.'

/**
 * What to tell of a restore that failed.
 * @param states what is true of the databases now, in sentences.
 */
export function restoreFailure(
  error: unknown,
  preparation: Preparation,
  states: readonly string[],
): unknown {
  const { order, server } = preparation
  const { told, isFull } = toldOf(error, preparation)
  if (!(told instanceof Refusal)) return told
  const needsRoom = isFull && server.existing !== null && !order.inPlace
  const special = needsRoom ? noRoom : adviceOn(told)
  return failure(preparation, told, { states, advice: special ?? told.advice })
}

const ownAdvice = [
  [/default_tablespace/u, missingTablespace],
  [
    /being used by prepared transactions|prepared transactions? using the database/u,
    'End them with COMMIT PREPARED or ROLLBACK PREPARED (see pg_prepared_xacts), and try again.',
  ],
  [
    /used by logical replication subscription/u,
    'Drop its subscriptions first (DROP SUBSCRIPTION), or restore without --in-place.',
  ],
  [
    /used by an active logical replication slot/u,
    'Stop whoever reads from its replication slots (see pg_replication_slots), or restore without --in-place.',
  ],
] as const

function adviceOn({ message, reason }: Refusal): string | null {
  return ownAdvice.find(([pattern]) => pattern.test(`${message} ${reason}`))?.[1] ?? null
}

function toldOf(
  error: unknown,
  { order }: Preparation,
): { readonly told: unknown; readonly isFull: boolean } {
  const told = explain(whatOf(order), error, { spec: order.target.spec, admin: order.admin })
  const isFull = told instanceof Refusal && full.test(`${told.message} ${told.reason}`)
  return { told, isFull }
}

function failure(
  { order }: Preparation,
  told: Refusal,
  { states, advice }: { readonly states: readonly string[]; readonly advice: string },
): Refusal {
  const what = whatOf(order)
  const parts = [told.message === what ? '' : told.message, told.reason, ...states]
  return new Refusal(what, {
    reason: parts
      .filter((part) => part !== '')
      .map(sentence)
      .join(' '),
    advice,
    exitStatus: told.exitStatus,
    cause: told,
  })
}

function whatOf({ target }: Preparation['order']): string {
  return `The restore of ${target.spec.written} failed.`
}

/** What servers and tools say ends without a full stop. */
function sentence(text: string): string {
  return /[.!?:…]$/u.test(text) ? text : `${text}.`
}
