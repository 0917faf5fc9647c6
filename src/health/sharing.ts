/**
 * A question whose answer is shared by all who ask while it is being found out, and for `freshMs`
 * after: the number of probes must not decide how often the volume is read. A failure is not kept.
 *
 * Who asks waits no longer than `patienceMs`, since a volume may hang for ever; then the last answer
 * has to do, if there is one. The question is not asked again before it is answered: whatever hangs
 * would hang once more.
 */
export function sharing<Result>(
  { freshMs, patienceMs }: { readonly freshMs: number; readonly patienceMs: number },
  ask: () => Promise<Result>,
  outOfPatience: () => Error,
): () => Promise<Result> {
  let asked: Promise<Result> | null = null
  let last: { readonly answer: Result; readonly at: number } | null = null
  const question = async (): Promise<Result> => {
    try {
      const answer = await ask()
      last = { answer, at: performance.now() }
      return answer
    } finally {
      asked = null
    }
  }
  return async () => {
    if (last !== null && performance.now() - last.at < freshMs) return last.answer
    asked ??= question()
    const answer = await within(patienceMs, asked)
    if (answer !== late) return answer
    if (last === null) throw outOfPatience()
    return last.answer
  }
}

const late = Symbol('late')

async function within<Result>(ms: number, answer: Promise<Result>): Promise<Result | typeof late> {
  const { promise, resolve } = Promise.withResolvers<typeof late>()
  const timer = setTimeout(() => resolve(late), ms)
  try {
    return await Promise.race([answer, promise])
  } finally {
    clearTimeout(timer)
  }
}
