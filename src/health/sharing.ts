/**
 * A question whose answer is shared by all who ask while it is being found out, and for `freshMs`
 * after: the number of probes must not decide how often the volume is read. A failure is not kept.
 */
export function sharing<Result>(
  freshMs: number,
  ask: () => Promise<Result>,
): () => Promise<Result> {
  let asked: Promise<Result> | null = null
  let answeredAt: number | null = null
  return async () => {
    if (answeredAt !== null && performance.now() - answeredAt >= freshMs) asked = null
    if (asked !== null) return await asked
    answeredAt = null
    const question = ask()
    asked = question
    try {
      const answer = await question
      answeredAt = performance.now()
      return answer
    } catch (error) {
      asked = null
      throw error
    }
  }
}
