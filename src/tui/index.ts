/**
 * Tui: the interface on a terminal (`--ui`). What is shown is one value, `State`; everything that
 * happens is a `Message`; `reduce` makes of both the next state and the `Effect`s that it asks for,
 * `Machine` alone carries those out by calling operations, and `Screen` draws the state. To add a
 * screen, add its `Place`; the compiler names what it lacks. This door loads no library.
 */
import { Refusal } from '../model/index.ts'
import { quickLoading } from './quick-loading.ts'
import type * as Tui from './run.tsx'

export type { TakenTerminal } from './run.tsx'

interface Surroundings {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  readonly env: Record<string, string | undefined>
}

/**
 * Loads the libraries, which takes a moment, while others read the configuration.
 * @throws {Refusal} exit status 2, where there is no terminal that could show it.
 */
export function prepareTui({ input, output, env }: Surroundings): void {
  if (!input.isTTY || !output.isTTY) throw noTerminal(needed)
  if (env['TERM'] === 'dumb') throw noTerminal(dumb)
  // React is slow and talkative in any other.
  env['NODE_ENV'] ??= 'production'
  loadTui().catch(() => {
    // Whoever opens it loads it, too, and hears why it cannot be.
  })
}

/** The interface with its libraries. */
export async function loadTui(): Promise<typeof Tui> {
  const quick = quickLoading()
  // The compiler overlooks the ending of an import beside a `using`.
  return await import('./run.tsx').finally(() => quick[Symbol.dispose]())
}

const needed = '--ui needs a terminal (oc rsh, docker exec -it); without one,'
const dumb =
  '--ui cannot draw on this terminal, because TERM is dumb: set TERM as the terminal has it (TERM=xterm); until then,'

function noTerminal(why: string): Refusal {
  return new Refusal(`${why} --status tells how things are, and -h what can be done.`, {
    advice: '',
    exitStatus: 2,
  })
}
