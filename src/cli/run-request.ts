import type { Verb } from './parse-arguments.ts'
import type { Session, VerbOf } from './session.ts'
import { accept } from './verbs/accept.ts'
import { backUp } from './verbs/back-up.ts'
import { check } from './verbs/check.ts'
import { showConfiguration } from './verbs/config.ts'
import { list } from './verbs/list.ts'
import { mirror } from './verbs/mirror.ts'
import { pinBackup, unpinBackup } from './verbs/pin.ts'
import { prune } from './verbs/prune.ts'
import { restore } from './verbs/restore.ts'
import { serve } from './verbs/serve.ts'
import { simulate } from './verbs/simulate.ts'
import { status } from './verbs/status.ts'
import { notifyTest } from './verbs/test-notify.ts'
import { verify } from './verbs/verify.ts'

type NotHere = 'help' | 'version' | 'ui'

/** Help and version are answered before anything is read, and the interface is not ours; without a verb it is a service. */
const verbs: Record<Exclude<Verb, NotHere>, VerbOf> = {
  config: showConfiguration,
  list,
  status,
  prune,
  once: backUp,
  scheduled: backUp,
  restore,
  verify,
  check,
  pin: pinBackup,
  unpin: unpinBackup,
  accept,
  simulate,
  mirror,
  testNotify: notifyTest,
}

export async function runRequest(session: Session): Promise<number> {
  const { verb } = session.request
  const run = verb === null || isElsewhere(verb) ? serve : verbs[verb]
  return await run(session)
}

function isElsewhere(verb: Verb): verb is NotHere {
  return verb === 'help' || verb === 'version' || verb === 'ui'
}
