import type { EncryptionKeys } from '../model/index.ts'
import type { Problems } from './problems.ts'
import { parseRecipients } from './recipients.ts'
import type { Settings } from './settings.ts'
import type { Variables } from './variables.ts'

const bothSet =
  'It is set, and ENCRYPTION_KEY is set, too. An age file is for recipients or has a passphrase; unset one.'
const noKeys =
  'It is set, but nothing says to whom: ENCRYPTION_RECIPIENTS and ENCRYPTION_KEY are unset. Set one of them, or unset this.'

/** To whom backups are encrypted; null: nobody said so. What is wrong with it is gathered. */
export async function encryptionIn(
  settings: Settings,
  variables: Variables,
  problems: Problems,
): Promise<EncryptionKeys | null> {
  const { encryptionRecipients: written, encryptionKey: passphrase } = settings
  if (written !== null && variables.isSet('ENCRYPTION_KEY')) {
    problems.add('ENCRYPTION_RECIPIENTS', bothSet)
    return null
  }
  if (passphrase !== null) return { kind: 'passphrase', passphrase }
  if (written === null) {
    // Where other settings are wrong, too, none of them was read.
    const hasKeys = variables.isSet('ENCRYPTION_KEY') || variables.isSet('ENCRYPTION_RECIPIENTS')
    if (variables.isSet('ENCRYPT') && !hasKeys) problems.add('ENCRYPT', noKeys)
    return null
  }
  const { recipients, mistakes } = await parseRecipients(written)
  for (const text of mistakes) problems.add('ENCRYPTION_RECIPIENTS', text)
  return { kind: 'recipients', recipients }
}
