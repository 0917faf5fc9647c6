/** The known word that a typing mistake of at most so many letters meant; null when none is near. */
export function closestWord(text: string, known: readonly string[], most = 2): string | null {
  const word = text.toLowerCase()
  const near = known
    .map((candidate) => ({ candidate, steps: editSteps(word, candidate.toLowerCase()) }))
    .filter(({ steps }) => steps <= most)
    .toSorted((left, right) => left.steps - right.steps)
  return near[0]?.candidate ?? null
}

/** How many letters must be added, dropped or changed (Levenshtein). */
function editSteps(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, length) => length)
  for (let row = 0; row < from.length; row += 1) {
    const current = [row + 1]
    for (let column = 0; column < to.length; column += 1) {
      const changed = (previous[column] ?? 0) + (from[row] === to[column] ? 0 : 1)
      current.push(Math.min(changed, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous.at(-1) ?? 0
}
