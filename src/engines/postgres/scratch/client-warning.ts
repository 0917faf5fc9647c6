/** The first minor of each major whose psql and pg_restore are safe from hostile dumps. */
const fixedIn = new Map([
  [14, 24],
  [15, 19],
  [16, 15],
  [17, 11],
  [18, 6],
])

/**
 * A warning about a client below the minor that fixes CVE-2025-8714, CVE-2026-18408 and
 * CVE-2026-6477, or null. `version` is what `pg_dump --version` says.
 */
export function clientWarning(version: string): string | null {
  const [major = 0, minor = 0] = (/\d+(?:\.\d+)?/u.exec(version)?.[0] ?? '').split('.').map(Number)
  const fixed = fixedIn.get(major)
  if (major > 18 || (fixed !== undefined && minor >= fixed)) return null
  const wanted = fixed === undefined ? 'a supported major' : `${major}.${fixed}`
  return (
    `The PostgreSQL client ${major}.${minor} lacks the fixes of CVE-2025-8714, CVE-2026-18408 and ` +
    `CVE-2026-6477, which protect whoever loads a dump that is not trusted. Use ${wanted} or newer.`
  )
}
