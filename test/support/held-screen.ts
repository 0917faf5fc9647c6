import { type Output, Screen } from '../../src/cli/screen.ts'

/** A screen whose two streams are kept as text. */
export interface HeldScreen {
  readonly screen: Screen
  readonly out: () => string
  readonly err: () => string
}

export interface HeldScreenOptions {
  readonly outIsTerminal?: boolean
  readonly errIsTerminal?: boolean
  /** False is NO_COLOR. Default: true. */
  readonly color?: boolean
  readonly columns?: number
  readonly rows?: number
}

export function heldScreen(options: HeldScreenOptions = {}): HeldScreen {
  const {
    outIsTerminal = false,
    errIsTerminal = false,
    color = true,
    columns = 80,
    rows = 24,
  } = options
  const text = { out: '', err: '' }
  const output = (name: 'out' | 'err', isTerminal: boolean): Output => ({
    write: (written) => {
      text[name] += written
    },
    isTerminal,
    columns,
    rows,
  })
  return {
    screen: new Screen(output('out', outIsTerminal), output('err', errIsTerminal), { color }),
    out: () => text.out,
    err: () => text.err,
  }
}
