import { accountOf, Refusal } from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'

/** What a store that can check itself found. */
export interface StoreCheck {
  readonly store: string
  readonly ok: boolean
  readonly problem: string | null
}

/** Lets every mirror check itself that can. */
export async function checkStores({ mirrors, signal }: Appliance): Promise<readonly StoreCheck[]> {
  const results: StoreCheck[] = []
  for (const mirror of mirrors) {
    const store = await mirror.open()
    if (store.check === undefined) continue
    results.push({ store: mirror.name, ...(await outcomeOf(() => store.check?.(signal), signal)) })
  }
  return results
}

async function outcomeOf(
  check: () => Promise<void> | undefined,
  signal: AbortSignal,
): Promise<Pick<StoreCheck, 'ok' | 'problem'>> {
  try {
    await check()
    return { ok: true, problem: null }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Refusal)) throw error
    const { message, reason } = accountOf(error)
    return { ok: false, problem: `${message} ${reason}`.trim() }
  }
}
