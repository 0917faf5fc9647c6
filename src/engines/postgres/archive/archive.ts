import { checkPlain } from './check-plain.ts'
import { checkStored } from './check-stored.ts'
import type { ArchiveQuestion, CheckedArchive } from './checked-archive.ts'

export type { CheckedArchive } from './checked-archive.ts'

/**
 * Reads a whole archive: its checksum against the manifest when there is one, every member of the
 * compression to its end, and the end marker of the dump.
 * @throws {Refusal} when any of that is wrong; the file is never changed.
 */
export async function checkArchive(
  path: string,
  question: ArchiveQuestion,
): Promise<CheckedArchive> {
  return question.format === 'plain'
    ? await checkPlain(path, question)
    : await checkStored(path, question)
}
