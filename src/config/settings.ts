import type { KindValues } from './setting-kinds.ts'
import type { Row } from './setting-row.ts'
import type { settingsTable } from './settings-table.ts'

type Table = typeof settingsTable
export type Variable = keyof Table

type FieldOf<Name extends string> = Name extends `${infer Word}_${infer Rest}`
  ? `${Lowercase<Word>}${Capitalize<FieldOf<Rest>>}`
  : Lowercase<Name>

type ValueOf<R extends Row> = KindValues[R['kind']] | (R['fallback'] extends null ? null : never)

/**
 * What the variables say, checked and frozen. The variable `FOO_BAR` is the field `fooBar`; one
 * that is unset and has no default is null.
 */
export type Settings = { readonly [Name in Variable as FieldOf<Name>]: ValueOf<Table[Name]> }

/** `BACKUP_DIR` → `backupDir`. */
export function fieldOf(variable: string): string {
  return variable
    .toLowerCase()
    .replaceAll(/_(?<initial>.)/gu, (_whole, initial: string) => initial.toUpperCase())
}
