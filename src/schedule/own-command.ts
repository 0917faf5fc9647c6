/** A word as a shell takes it without expanding anything: plain, or in quotes. */
const word = /(?:[\w@%+=:,./-]+|'[^']*'|"[^"$`\\]*")+/uy

/**
 * The flags of a command that is only `backup.sh` with flags, whatever its path prefix; null for
 * anything that needs a shell to be understood.
 */
export function ownFlags(command: string): readonly string[] | null {
  const [program, ...flags] = wordsOf(command.trim()) ?? []
  const isOurs = program === 'backup.sh' || program?.endsWith('/backup.sh') === true
  return isOurs ? flags : null
}

function wordsOf(text: string): readonly string[] | null {
  const words: string[] = []
  for (let at = 0; at < text.length; ) {
    word.lastIndex = at
    const found = word.exec(text)?.[0]
    if (found === undefined) return null
    words.push(withoutQuotes(found))
    at += found.length
    const blanks = /\s*/uy
    blanks.lastIndex = at
    const gap = blanks.exec(text)?.[0].length ?? 0
    if (gap === 0 && at < text.length) return null
    at += gap
  }
  return words
}

function withoutQuotes(text: string): string {
  return text.replaceAll(/'(?<single>[^']*)'|"(?<double>[^"]*)"/gu, (_whole, single, double) =>
    String(single ?? double),
  )
}
