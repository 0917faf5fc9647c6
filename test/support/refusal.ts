import { Refusal } from '../../src/model/index.ts'

/** The refusal that work ends with; any other end fails the test. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const outcome = await work.then(
    () => 'it was done',
    (error: unknown) => error,
  )
  if (outcome instanceof Refusal) return outcome
  throw new Error('This should have been refused.', { cause: outcome })
}
