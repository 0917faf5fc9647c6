import { Box } from 'ink'
import type { ReactNode } from 'react'
import type { RestorePlan } from '../engines/index.ts'
import { ageText, minuteText, prettySize } from '../model/index.ts'
import { commandRows } from './command-line.ts'
import { folded } from './fold.ts'
import { bodyRows, firstShown, fitting } from './layout.ts'
import { type Line, line } from './line.ts'
import type { RestoreDraft } from './restore-draft.ts'
import { type Field, fields } from './restore-keys.ts'
import type { State } from './state.ts'
import { restoreFlags } from './task-words.ts'
import { Lines, TableRow, Tinted } from './tinted.tsx'
import { cursor, verdictWord } from './words.ts'

/** What is restored, where to and how; then what a look at the archive and the server found. */
export function RestoreView({
  state,
  draft,
  field,
}: {
  readonly state: State
  readonly draft: RestoreDraft
  readonly field: number
}): ReactNode {
  const { source, backup, from } = draft
  const age = ageText(Math.max(0, (state.now.getTime() - backup.takenAt.getTime()) / 1000))
  const facts = [minuteText(backup.takenAt), `${age} ago`, prettySize(backup.bytes)]
  const verdict = verdictWord(backup)
  const height = bodyRows(state)
  const isSmall = height < fields.length + headRows + 2
  const room = height - (isSmall ? 0 : headRows)
  const shown = Math.min(fields.length, Math.max(1, room - 2))
  const first = firstShown(fields.length, field, shown)
  return (
    <Box flexDirection="column" flexGrow={1}>
      {isSmall ? null : (
        <>
          <Box height={1} flexShrink={0}>
            <Tinted text={`Restore ${source.spec.written}`} tone="strong" wrap="truncate-middle" />
          </Box>
          <Box height={1} flexShrink={0}>
            <Tinted
              text={`from the backup ${from === null ? '' : `in ${from} `}of ${facts.join(', ')}, ${verdict.text}`}
              tone={verdict.tone}
            />
          </Box>
        </>
      )}
      {fields.slice(first, first + shown).map((each, at) => (
        <FieldRow key={each.name} field={each} draft={draft} mark={first + at === field} />
      ))}
      <Lines lines={belowOf(draft, field, { columns: state.size.columns, rows: room - shown })} />
    </Box>
  )
}

/** What is restored from what. */
const headRows = 2

/** The command is shown again with the last question: it goes first where there is no room. */
function belowOf(
  draft: RestoreDraft,
  field: number,
  { columns, rows }: State['size'],
): readonly Line[] {
  const command = commandRows(restoreFlags(draft), columns).map((row) => line(row, 'dim'))
  const check = folded(checkLines(draft), columns)
  const about = folded([aboutOf(field)], columns)
  const all = [...about, line(), ...command, line(), ...check]
  if (all.length <= rows) return all
  if (about.length + check.length <= rows) return [...about, ...check]
  return [...fitting(check.slice(0, -1), rows - 1), ...check.slice(-1)]
}

function FieldRow({
  field,
  draft,
  mark,
}: {
  readonly field: Field
  readonly draft: RestoreDraft
  readonly mark: boolean
}): ReactNode {
  return (
    <TableRow
      mark={mark}
      cells={[
        { text: field.label, width: 16 },
        { text: valueOf(field, draft, mark), width: null, wrap: 'truncate-start' },
      ]}
    />
  )
}

/** What the chosen field means. */
function aboutOf(field: number): Line {
  const chosen = fields[field]
  const hint = chosen?.kind === 'switch' ? 'Space' : 'Type'
  return line(`  ${hint}: ${chosen?.about ?? ''}.`, 'dim')
}

function valueOf(field: Field, draft: RestoreDraft, isEdited: boolean): string {
  if (field.kind === 'switch') return draft[field.name] ? '[x]' : '[ ]'
  const text = field.name === 'password' ? '*'.repeat(draft.password.length) : draft[field.name]
  return isEdited ? `${text}${cursor}` : text
}

function checkLines({ check, target, inPlace }: RestoreDraft): readonly Line[] {
  if (check.state === 'none') {
    return [line('Enter checks the backup and the server first; nothing is touched by that.')]
  }
  if (check.state === 'running') {
    return [line('Checking the backup and the server ... Esc stops it.', 'busy')]
  }
  if (check.state === 'refused') return check.lines
  return planLines(check.plan, { target, inPlace })
}

function planLines(
  plan: RestorePlan,
  { target, inPlace }: Pick<RestoreDraft, 'target' | 'inPlace'>,
): readonly Line[] {
  return [
    line('This can be done:', 'good'),
    line(`- Server: PostgreSQL ${plan.serverVersion}, as user ${plan.user}`),
    ...fateLines(plan, { target, inPlace }),
    ...(plan.owner === null ? [] : [line(`- Owner: ${plan.owner}`)]),
    ...(plan.missingRoles.length === 0
      ? []
      : [line(`- Roles that are created without login: ${plan.missingRoles.join(', ')}`, 'warn')]),
    ...plan.warnings.map((text) => line(`- ${text}`, 'warn')),
    line('Enter goes on to the last question.', 'strong'),
  ]
}

/** What becomes of the database that is there, and of those who work with it. */
function fateLines(
  { targetExists, targetBytes, keptAs }: RestorePlan,
  { target, inPlace }: Pick<RestoreDraft, 'target' | 'inPlace'>,
): readonly Line[] {
  if (!targetExists) return [line(`- ${target} does not exist, and is created`)]
  const name = `${target}${targetBytes === null ? '' : ` (${prettySize(targetBytes)})`}`
  if (inPlace) {
    return [line(`- ${name} is dropped first. If the restore fails, it is gone.`, 'bad'), sessions]
  }
  const fate =
    keptAs === null
      ? 'it is dropped when the new one stands'
      : `it stays under a dated name, such as ${keptAs}`
  return [line(`- ${name} is replaced; ${fate}`), sessions]
}

const sessions = line('- Sessions that are connected to it are ended', 'warn')
