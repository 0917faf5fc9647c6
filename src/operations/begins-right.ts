import type { BackupName } from '../model/index.ts'

const signs = {
  gzip: Buffer.from([0x1f, 0x8b, 8]),
  zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
  custom: Buffer.from('PGDMP'),
  directory: Buffer.from('./'),
} as const

/** Whether bytes begin as an archive of this kind does. */
export function beginsRight({
  codec,
  format,
}: Pick<BackupName, 'codec' | 'format'>): (first: Buffer) => boolean {
  if (format !== 'plain') return (first) => startsWith(first, signs[format])
  if (codec === 'none') return isText
  return (first) => startsWith(first, signs[codec])
}

function startsWith(first: Buffer, sign: Buffer): boolean {
  return first.subarray(0, sign.length).equals(sign)
}

/** SQL begins with words or a comment; a plain name may also hold a tar of pg_dump. */
function isText(first: Buffer): boolean {
  const head = first.subarray(0, 8)
  return (
    head.length > 0 && head.every((byte) => byte === 9 || byte === 10 || byte === 13 || byte >= 32)
  )
}
