import { renderToString } from 'ink'
import { render } from 'ink-testing-library'
import { Screen } from '../../src/tui/screen.tsx'
import type { State } from '../../src/tui/state.ts'

/** What is on the terminal, a line for each of its rows. */
export function show(state: State): string {
  const { lastFrame, unmount } = render(<Screen state={state} />)
  const frame = lastFrame() ?? ''
  unmount()
  return frame
}

/** The same on a terminal wider than the library's. */
export function showWide(state: State): string {
  return renderToString(<Screen state={state} />, { columns: state.size.columns })
}
