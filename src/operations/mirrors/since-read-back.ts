import { copiesOnRecord } from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { takeInventory } from '../inventory.ts'

/** How many copies went to a mirror since the last that was read back, by the records. */
export async function sinceReadBack(appliance: Appliance, name: string): Promise<number> {
  const { of } = await takeInventory(appliance)
  const copies = [...of.values()]
    .flat()
    .flatMap((backup) => copiesOnRecord(backup))
    .filter(({ store }) => store === name)
  const readBack = copies.filter(({ isReadBack }) => isReadBack === true)
  const last =
    readBack
      .map(({ checkedAt }) => checkedAt)
      .toSorted()
      .at(-1) ?? ''
  return copies.filter(({ checkedAt }) => checkedAt > last).length
}
