import type { RunEvent, Verification } from '../model/index.ts'
import { elapsedText, prettySize } from './format.ts'
import { objectsText } from './objects-text.ts'
import type { Screen } from './screen.ts'

export function showVerificationStart(
  screen: Screen,
  { database, path }: RunEvent & { kind: 'verification-started' },
): void {
  screen.say()
  screen.say('Verifying backup ...', 'blue')
  screen.say('Settings:', 'blue')
  screen.say(`- Database: ${database.spec.written}`)
  screen.say(`- Backup file: ${path}`)
  screen.say()
}

/** The original's wording (contract 6.4), which people grep for, and what it could not say. */
export function showVerificationEnd(
  screen: Screen,
  event: RunEvent & { kind: 'verification-ended' },
): void {
  const { database, path, verification, newestBad, elapsedMs } = event
  const { verdict, differences } = verification
  const elapsed = `Elapsed time: ${elapsedText(elapsedMs)}`
  if (verdict === 'failed' || verdict === 'could-not-verify') {
    const what = verdict === 'failed' ? 'Backup verification failed' : 'Could not verify backup'
    screen.tell(`[!!ERROR!!] - ${what}: ${path ?? database.spec.written}`, 'red')
    for (const difference of differences) screen.tell(`- ${difference}`)
    if (newestBad !== null) screen.tell(`- ${newestBad}`)
    screen.tell(`${elapsed} - Status Code: 1`)
    return
  }
  screen.say(`Successfully verified backup: ${path}`, 'green')
  screen.say(contentText(verification))
  for (const difference of differences) screen.say(`- Exception: ${difference}`, 'yellow')
  if (newestBad === null) return screen.say(`${elapsed} - Status Code: 0`)
  screen.tell(`[!!ERROR!!] - ${newestBad}`, 'red')
  screen.tell(`${elapsed} - Status Code: 1`)
}

function contentText(verification: Verification): string {
  const { tables = 0, databaseBytes = 0, rows = 0, rowsCompared = true } = verification
  const size = prettySize(databaseBytes)
  const noun = tables === 1 ? 'table' : 'tables'
  const objects = objectsText(verification)
  return (
    `The restored database contained ${tables} ${noun}, and is ${size} in size.` +
    `\nRows ${rowsCompared ? 'Compared' : 'Counted'}: ${rows} in ${tables} ${noun}` +
    (objects === null ? '' : `\nObjects Compared: ${objects}`)
  )
}
