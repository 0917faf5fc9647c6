/** Flags that make a run something else than a backup, in the original's letters. */
const otherVerbs = new Set(['v', 'r', 'p', 'l', 'c', 'h'])
const otherLongVerbs = new Set([
  '--verify',
  '--restore',
  '--prune',
  '--list',
  '--config',
  '--check',
  '--pin',
  '--unpin',
  '--accept',
  '--simulate',
  '--mirror',
  '--status',
  '--help',
  '--version',
  '--ui',
])

/** For who has a schedule that is right by the rules, and may not be what was meant. */
export const noBackupText = 'No line of the schedule backs up; "./backup.sh -s" would.'

/** Whether the service makes backups at all: by a line, or by BACKUP_PERIOD where it has none. */
export function makesBackups({
  mode,
  schedule,
}: {
  readonly mode: 'cron' | 'legacy'
  readonly schedule: readonly { readonly command: string }[]
}): boolean {
  return mode !== 'cron' || schedule.some(({ command }) => isBackupCommand(command))
}

/**
 * Whether a shell command of the schedule runs a backup cycle: somewhere in it `backup.sh` is
 * called with `-s` or `-1` and with no flag of another verb. A guess, for telling when backups are
 * due; nothing is run by it.
 */
export function isBackupCommand(command: string): boolean {
  return command
    .replace(/(?:^|\s)#.*$/su, '')
    .replaceAll(/["']/gu, '')
    .split(/[;&|()]+/u)
    .map((part) => part.trim().split(/\s+/u))
    .some((words) => {
      const at = words.findIndex((word) => word === 'backup.sh' || word.endsWith('/backup.sh'))
      return at >= 0 && asksForBackup(words.slice(at + 1))
    })
}

function asksForBackup(words: readonly string[]): boolean {
  const short = words
    .filter((word) => /^-[A-Za-z0-9]+$/u.test(word))
    .flatMap((word) => word.slice(1).split(''))
  const long = words.filter((word) => word.startsWith('--'))
  const backsUp =
    short.some((flag) => flag === 's' || flag === '1') ||
    long.some((word) => word === '--once' || word === '--scheduled')
  return (
    backsUp &&
    !short.some((flag) => otherVerbs.has(flag)) &&
    !long.some((word) => otherLongVerbs.has(word.split('=', 1)[0] ?? word))
  )
}
