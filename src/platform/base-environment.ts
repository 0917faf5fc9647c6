/** Variables that any program may need to run at all; none of them is a secret. */
const alwaysPassed = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LD_PRELOAD', 'LD_LIBRARY_PATH'] as const
const passedFamilies = ['NSS_WRAPPER_', 'FAKETIME', 'DONT_FAKE', 'NO_FAKE', 'FAKE_'] as const

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The part of our environment that every child process gets: where programs are, the time zone,
 * and what makes an arbitrary UID work (`libnss-wrapper`). Messages are in English, so that they
 * can be understood by the program too.
 */
export function baseEnvironment(environment: Environment): Record<string, string> {
  return {
    ...pick(environment, (name) => isAlwaysPassed(name)),
    LC_ALL: 'C.UTF-8',
  }
}

/** The set variables whose names pass. */
export function pick(
  environment: Environment,
  passes: (name: string) => boolean,
): Record<string, string> {
  const entries = Object.entries(environment).filter(([name]) => passes(name))
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

function isAlwaysPassed(name: string): boolean {
  const known: readonly string[] = alwaysPassed
  return known.includes(name) || passedFamilies.some((family) => name.startsWith(family))
}
