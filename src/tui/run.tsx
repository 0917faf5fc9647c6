import { render, useInput } from 'ink'
import { type ReactNode, useSyncExternalStore } from 'react'
import { findDatabase } from '../config/index.ts'
import type { Appliance } from '../operations/index.ts'
import { printable } from './fold.ts'
import { keysOf } from './keys.ts'
import { Machine } from './machine.ts'
import { redactedStream } from './redacted-stream.ts'
import { Screen } from './screen.tsx'
import { overview, type State } from './state.ts'
import { titleOf } from './task-words.ts'

/** What the interface is opened on. */
export interface Opening {
  readonly appliance: Appliance
  /** The only database that is shown; null: all. */
  readonly only: string | null
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  readonly color: boolean
  readonly terminal: TakenTerminal
}

/** Where others look who has the terminal; null: nobody. */
export interface TakenTerminal {
  face: Face | null
}

/** Whoever has the terminal, for those who have something to say meanwhile. */
interface Face {
  readonly warn: (text: string) => void
  /** Gives the terminal back as it was, at once. */
  readonly restore: () => void
}

/** One frame every tenth of a second at most: enough to follow, and little for a slow link. */
const framesPerSecond = 10
/** And the cursor to its first column. */
const eraseLine = '\r\u001B[K'
/** And the cursor to the first column of the first line. */
const eraseAll = '\u001B[2J\u001B[H'

/**
 * Shows the interface until somebody leaves.
 * @throws the reason of the appliance's signal, when that ends it.
 */
export async function runTui(opening: Opening): Promise<void> {
  const { appliance, input, output, terminal } = opening
  const machine = new Machine(appliance, firstState(opening))
  const onResize = (): void => machine.dispatch({ kind: 'resized', size: sizeOf(output) })
  // Before ink listens, so that its frame after a change has the new size already.
  output.on('resize', onResize)
  // Before the first frame, too: what is typed while it opens is for us, and no text on the screen.
  input.setRawMode(true)
  // What was typed even earlier is on its line already, and would move the first frame to the right.
  output.write(eraseLine)
  const instance = render(<App machine={machine} />, {
    stdin: input,
    stdout: redactedStream(output, appliance.redacted),
    maxFps: framesPerSecond,
    incrementalRendering: true,
    alternateScreen: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
    isScreenReaderEnabled: false,
  })
  terminal.face = { warn: (text) => machine.warn(text), restore: () => instance.unmount() }
  try {
    machine.begin(() => {
      output.write(eraseAll)
      instance.clear()
      instance.rerender(<App machine={machine} />)
    })
    await Promise.race([machine.left, instance.waitUntilExit()])
  } finally {
    output.off('resize', onResize)
    instance.unmount()
    await Promise.allSettled([instance.waitUntilExit(), machine.end()])
    input.setRawMode(false)
    terminal.face = null
  }
  appliance.signal.throwIfAborted()
  const cancelled = cancelledText(machine.current())
  if (cancelled !== null) output.write(`${appliance.redacted(cancelled)}\n`)
}

/** What is left to say when somebody cancelled and left; null: nothing. */
function cancelledText({ operation }: State): string | null {
  if (operation?.isCancelled !== true) return null
  const title = printable(titleOf(operation.task))
  return operation.outcome?.ok === true
    ? `${title}: it had ended before it was cancelled.`
    : `${title}: cancelled, and nothing half-done stays.`
}

function App({ machine }: { readonly machine: Machine }): ReactNode {
  const state = useSyncExternalStore(machine.subscribe, machine.current)
  useInput((input, key) => {
    for (const each of keysOf(input, key)) machine.dispatch({ kind: 'key', key: each })
  })
  return <Screen state={state} />
}

function firstState({ appliance, only, output, color }: Opening): State {
  const { configuration, volume, mirrors, clock } = appliance
  return {
    size: sizeOf(output),
    color,
    now: clock.now(),
    world: {
      configuration,
      databases: only === null ? configuration.databases : [findDatabase(configuration, only)],
      root: volume.root,
      isLocal: volume.isLocal,
      mirrors: mirrors.map(({ name }) => name),
      observation: null,
      problem: null,
      journal: null,
      ahead: null,
      bytesPerDay: null,
      elsewhere: new Map(),
      retention: new Map(),
    },
    places: [overview],
    dialog: null,
    operation: null,
    notice: null,
  }
}

/** A terminal that does not know its size has the usual one. */
function sizeOf({ columns, rows }: NodeJS.WriteStream): State['size'] {
  return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 }
}
