import type { Ending } from './child.ts'

/** Why a pipeline was given up although no program had failed by itself. */
export type StopReason = 'stalled'

/** A program of a pipeline failed, or the pipeline was given up. Rooms turn it into a Refusal. */
export class ProcessFailure extends Error {
  override readonly name = 'ProcessFailure'
  readonly ending: Ending
  readonly stopReason: StopReason | null

  constructor(ending: Ending, stopReason: StopReason | null = null) {
    super(describeEnding(ending, stopReason))
    this.ending = ending
    this.stopReason = stopReason
  }
}

function describeEnding(ending: Ending, stopReason: StopReason | null): string {
  const { program, exitCode, signal, startError } = ending
  if (stopReason === 'stalled') return `${program} sent nothing for too long and was stopped`
  if (startError !== null) {
    return startError.code === 'ENOENT'
      ? `${program} is not installed, or not on the PATH`
      : `${program} could not be started: ${startError.message}`
  }
  return signal === null
    ? `${program} ended with exit status ${exitCode}`
    : `${program} was ended by ${signal}`
}
