import {
  archiveKinds,
  type BackupName,
  inProgressPathOf,
  type LocalStamp,
  printBackupName,
} from '../model/index.ts'

/** The name itself when none of the `taken` paths has it, else that of the next second that is free. */
export function firstFree(name: BackupName, taken: ReadonlySet<string>): BackupName {
  let free = name
  while (isTaken(free, taken)) free = { ...free, stamp: nextSecond(free.stamp) }
  return free
}

/** Under any ending: two files that differ only in it would be one backup to people. */
function isTaken(name: BackupName, taken: ReadonlySet<string>): boolean {
  return archiveKinds.some((kind) => {
    const path = printBackupName({ ...name, ...kind })
    return taken.has(path) || taken.has(inProgressPathOf(path))
  })
}

/** On the clock on the wall, so that it goes on even where that clock is set back (D-40). */
function nextSecond({ date, time }: LocalStamp): LocalStamp {
  const stamp = new Date(`${date}T${time.replaceAll('-', ':')}Z`)
  stamp.setUTCSeconds(stamp.getUTCSeconds() + 1)
  const [nextDate = '', rest = ''] = stamp.toISOString().split('T')
  return { date: nextDate, time: rest.slice(0, 'HH-MM-SS'.length).replaceAll(':', '-') }
}
