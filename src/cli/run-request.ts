import { Refusal } from '../model/index.ts'
import type { Verb } from './parse-arguments.ts'
import type { Session, VerbOf } from './session.ts'
import { backUp } from './verbs/back-up.ts'
import { check } from './verbs/check.ts'
import { showConfiguration } from './verbs/config.ts'
import { list } from './verbs/list.ts'
import { prune } from './verbs/prune.ts'
import { restore } from './verbs/restore.ts'
import { status } from './verbs/status.ts'
import { verify } from './verbs/verify.ts'

/** Help and version are answered before anything is read; without a verb it is a service. */
const verbs: Record<Exclude<Verb, 'help' | 'version'>, VerbOf> = {
  config: showConfiguration,
  list,
  status,
  prune,
  once: backUp,
  scheduled: backUp,
  restore,
  verify,
  check,
}

const serve = notYet('Running as a service', 'Run backup.sh -1 from a CronJob, or by hand.')

export async function runRequest(session: Session): Promise<number> {
  const { verb } = session.request
  const run = verb === null || verb === 'help' || verb === 'version' ? serve : verbs[verb]
  return await run(session)
}

function notYet(what: string, advice: string): VerbOf {
  return () => {
    throw new Refusal(`${what} is not part of this version.`, { advice, exitStatus: 2 })
  }
}
