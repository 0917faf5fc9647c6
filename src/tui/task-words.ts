import { commandLine } from './command-line.ts'
import type { RestoreDraft } from './restore-draft.ts'
import type { Chosen, Task } from './task.ts'

type Of<Kind extends Task['kind']> = Extract<Task, { readonly kind: Kind }>

/** How one kind of task is put in words. */
interface Words<T> {
  /** Its name, for titles: `Verify postgres=db/app`. */
  readonly title: (task: T) => string
  /** What will happen, in whole sentences. */
  readonly statement: (task: T) => readonly string[]
  /** The same on the command line. */
  readonly flags: (task: T) => readonly string[]
  /** What has to be typed for consent; null: Enter is enough. */
  readonly word: (task: T) => string | null
}

const enough = (): null => null

/** A new kind of task does not compile until it has its row here. */
const words: { readonly [Kind in Task['kind']]: Words<Of<Kind>> } = {
  'back-up': {
    title: ({ databases }) => `Back up ${namesOf(databases)}`,
    statement: ({ databases }) => [
      `A new backup of ${namesOf(databases)} is taken now; applications go on working. Then the backups that the policy does not keep are pruned.`,
    ],
    flags: ({ databases }) => ['-1', ...only(databases)],
    word: enough,
  },
  verify: {
    title: ({ databases, backup }) => `Verify ${backup?.path ?? namesOf(databases)}`,
    statement: ({ databases, backup }) => [
      `${backup === null ? `The newest good backup of ${namesOf(databases)}` : `The backup ${backup.path}`} is restored into a scratch server, and compared with what was recorded when it was taken. No database is touched.`,
    ],
    flags: ({ databases, backup }) => [
      '-v',
      specOrAll(databases),
      ...(backup === null ? [] : ['-f', backup.path, ...from(backup)]),
    ],
    word: enough,
  },
  check: {
    title: ({ databases }) => `Check the backups of ${namesOf(databases)}`,
    statement: ({ databases }) => [
      `Every byte of every backup of ${namesOf(databases)} is read, and its checksum compared. No backup is changed.`,
    ],
    flags: ({ databases }) => ['--check', specOrAll(databases)],
    word: enough,
  },
  mirror: {
    title: ({ databases }) => `Mirror the backups of ${namesOf(databases)}`,
    statement: () => ['The mirrors get what they lack. No new backup is taken.'],
    flags: ({ databases }) => ['--mirror', ...only(databases)],
    word: enough,
  },
  prune: {
    title: ({ databases }) => `Prune the backups of ${namesOf(databases)}`,
    statement: ({ doomed }) => [
      `${doomed === 1 ? 'A backup is' : `${doomed} backups are`} deleted, as the preview says. There is no way back.`,
    ],
    flags: ({ databases }) => ['-p', ...only(databases)],
    word: () => 'delete',
  },
  pin: {
    title: ({ backup, on }) => `${on ? 'Pin' : 'Unpin'} ${backup.path}`,
    statement: ({ on }) => [
      on
        ? 'Nothing deletes this backup until it is unpinned.'
        : 'The policy decides about it again.',
    ],
    flags: ({ backup, on }) => [on ? '--pin' : '--unpin', backup.path],
    word: enough,
  },
  'test-notify': {
    title: () => 'Test the notifications',
    statement: () => ['Everybody who is configured gets a notice of each level, marked as a test.'],
    flags: () => ['--test-notify'],
    word: () => 'yes',
  },
  restore: {
    title: ({ target }) => `Restore ${target.spec.written}`,
    statement: restoreStatement,
    flags: ({ draft }) => restoreFlags(draft),
    word: ({ target }) => target.spec.database,
  },
}

function wordsOf<Kind extends Task['kind']>(task: Of<Kind>): Words<Of<Kind>> {
  return words[task.kind]
}

export function titleOf(task: Task): string {
  return wordsOf(task).title(task)
}

export function statementOf(task: Task): readonly string[] {
  return wordsOf(task).statement(task)
}

export function wordOf(task: Task): string | null {
  return wordsOf(task).word(task)
}

/** The same on the command line, to be copied. */
export function commandOf(task: Task): string {
  return commandLine(flagsOf(task))
}

/** What stands behind `backup.sh` there. */
export function flagsOf(task: Task): readonly string[] {
  return wordsOf(task).flags(task)
}

function restoreStatement({ draft, target, plan }: Of<'restore'>): readonly string[] {
  const { written } = target.spec
  const backup = `the backup ${draft.backup.path}${draft.from === null ? '' : ` of ${draft.from}`}`
  if (!plan.targetExists) {
    return [`${written} does not exist. It is created from ${backup}; nothing is replaced.`]
  }
  const replaced = `${written} is replaced by what is in ${backup}.`
  if (draft.inPlace) {
    return [
      replaced,
      'Sessions that are connected to it are ended, and what is there now is dropped first: if the restore fails, it is gone.',
    ]
  }
  return [
    replaced,
    'The backup is loaded beside it, and the names are swapped in the end: until then it stays as it is. Sessions that are connected to it then are ended.',
    plan.keptAs === null
      ? 'What is there now is dropped when the new one stands.'
      : 'What is there now stays, under a dated name.',
  ]
}

/** Of a draft whose target nobody has looked up yet, too. */
export function restoreFlags(draft: RestoreDraft): readonly string[] {
  const { source, backup, target } = draft
  return [
    '-r',
    source.spec.written,
    '-f',
    backup.path,
    ...from(draft),
    ...(target === source.spec.written ? [] : ['--to', target]),
    ...(draft.keepOld ? ['--keep-old'] : []),
    ...(draft.inPlace ? ['--in-place'] : []),
    ...(draft.roles ? ['--roles'] : []),
    ...(draft.ignoreErrors ? ['-I'] : []),
  ]
}

function from(of: { readonly from: string | null }): readonly string[] {
  return of.from === null ? [] : ['--from', of.from]
}

function only({ list, all }: Chosen): readonly string[] {
  const [first] = list
  return all || first === undefined ? [] : ['--only', first.spec.written]
}

function specOrAll({ list, all }: Chosen): string {
  const [first] = list
  return all || first === undefined ? 'all' : first.spec.written
}

function namesOf({ list, all }: Chosen): string {
  const [first] = list
  if (first !== undefined && list.length === 1) return first.spec.written
  return all ? `all ${list.length} databases` : `${list.length} databases`
}
