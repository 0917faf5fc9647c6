import { accountOf, Refusal, sentencesOf } from '../model/index.ts'
import type { Appliance } from './appliance.ts'

/** Finds out why nothing can be written to the volume just now, in words; null when it can. */
type VolumeProbe = (appliance: Appliance) => Promise<string | null>

/**
 * A probe for a process that lives long. What it has once seen and is gone is a problem: a volume
 * that is not mounted any more, in whose place everything would go into the container and be lost
 * with it.
 */
export function volumeProbe(): VolumeProbe {
  let seen: string | null = null
  return async ({ volume }) => {
    try {
      if (await volume.probe()) seen = volume.root
      else if (seen === volume.root) throw gone(volume.root)
      return null
    } catch (error) {
      const { message, reason } = accountOf(error)
      return sentencesOf(message, reason)
    }
  }
}

function gone(root: string): Refusal {
  return new Refusal(`The backups are gone from ${root}.`, {
    reason:
      'They were there since the service was started. The volume may not be mounted any more.',
    advice: 'Mount it again, and restart the container.',
  })
}
