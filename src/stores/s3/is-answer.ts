import { Refusal } from '../../model/index.ts'

/** Whether a refusal came from one of these answers of the server, by its codes. */
export function isAnswer(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Refusal && error.cause instanceof Error && codes.includes(error.cause.name)
  )
}
