import { expect, test } from 'vitest'
import { fixedState } from './fixed-world.ts'
import { screens } from './screens.ts'
import { showWide } from './show.tsx'

const beginning = `# The interface on a terminal

\`backup.sh --ui\` shows everything on one screen and does everything by keyboard: for somebody who
opens it by \`oc rsh\` or \`kubectl exec -it\` at three in the morning. What it does are the same
operations as those of the flags, with the same records and notices; each question shows the
command line that does the same, to be learned or copied.

- Arrow keys or \`j\` and \`k\` move, \`Enter\` looks closer, \`Esc\` goes back, \`?\` explains every key,
  \`/\` filters, \`q\` leaves.
- The number keys lead to overview, schedule, log, settings, and the operation that goes on.
- A restore asks for the name of the database, pruning for the word \`delete\`; nothing is done by a
  single key.
- One operation at a time. It goes on while you look elsewhere; leaving asks, and then ends it
  cleanly: nothing half-done stays. So does a lost connection.
- Backing up, pruning, mirroring and pinning need the lock of the volume. The overview shows who
  holds it; until then they are refused, as on the command line (\`LOCK_WAIT\`).
- \`--only <spec>\` shows one database only. No colours under \`NO_COLOR\`.
- It needs 80 columns and 24 rows; wider terminals get more columns, and smaller ones the question
  and what is typed before all else. At most ten frames a second, and only what changed, go over
  the line.
- The terminal is given back as it was, however it ends, but for \`kill -9\`, which no program can
  answer: type \`reset\` and Enter then, even if it does not show. Without a terminal it refuses: use
  \`--status\`, \`-l\`, or another flag.
- \`f\` on the backups of a database shows those in the mirrors, to be verified and restored from there
  when the volume is lost.

The screens below are made from fixed data by \`npm run docs:ui\`.
`

test('docs/ui.md has every screen as it is', async () => {
  const start = await fixedState()
  const parts = screens.map(({ name, about, keys }) => {
    const frame = showWide(keys(start))
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
    return `\n## ${name}\n\n${about}\n\n\`\`\`text\n${frame}\n\`\`\`\n`
  })

  await expect([beginning, ...parts].join('')).toMatchFileSnapshot('../../docs/ui.md')
})
