import { type ConfiguredDatabase, copiesOnRecord, identityOf } from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { takeInventory } from '../inventory.ts'
import { loseCopy } from './copy-records.ts'
import { listToRead } from './holdings.ts'

/** A copy that is on record, and is not there as it was. */
export interface MissingCopy {
  readonly store: string
  /** `identityOf` its database. */
  readonly spec: string
  /** In the mirror. */
  readonly path: string
  readonly problem: string
}

/**
 * Compares the copies on record with what a mirror lists. One that is missing counts no more, and
 * is told of until a run has sent it again.
 */
export async function missingCopies(
  appliance: Appliance,
  databases: readonly ConfiguredDatabase[],
  from: string | null,
): Promise<readonly MissingCopy[]> {
  const mirror = appliance.mirrors.find(({ name }) => name === from)
  if (mirror === undefined) return []
  const store = await mirror.open()
  const listed = await listToRead(store, appliance.signal)
  const sizes = new Map(listed.map(({ path, bytes }) => [path, bytes]))
  const missing: MissingCopy[] = []
  const { of } = await takeInventory(appliance)
  const all = databases.flatMap((database) =>
    (of.get(database) ?? []).map((backup) => ({ spec: identityOf(database.spec), backup })),
  )
  for (const { spec, backup } of all) {
    const copy = copiesOnRecord(backup).find((each) => each.store === mirror.name)
    if (copy === undefined || sizes.get(copy.path) === copy.bytes) continue
    const there = sizes.get(copy.path)
    const problem =
      there === undefined
        ? 'it is on record as a copy, and not there'
        : `it has ${there} bytes, but ${copy.bytes} were sent`
    missing.push({ store: mirror.name, spec, path: copy.path, problem })
    await loseCopy(appliance, backup, mirror)
  }
  return missing
}
