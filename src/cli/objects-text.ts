import { type ObjectKind, objectKinds, type Verification } from '../model/index.ts'

/** Kinds that are told one by one. */
const mostKinds = 6

/** `31 indexes, 9 foreign keys, 2 views and 40 more objects`; null where none were compared. */
export function objectsText({ objects = [] }: Verification): string | null {
  if (objects.length === 0) return null
  const told = objects.slice(0, mostKinds).map(({ kind, count }) => `${count} ${noun(kind, count)}`)
  const more = objects.slice(mostKinds).reduce((sum, { count }) => sum + count, 0)
  const rest = more === 0 ? '' : ` and ${more} more ${more === 1 ? 'object' : 'objects'}`
  return told.join(', ') + rest
}

function noun(kind: string, count: number): string {
  return count === 1 || !(kind in objectKinds) ? kind : objectKinds[kind as ObjectKind]
}
