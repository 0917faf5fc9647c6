import type { DecryptionKeys, EncryptedTo, EncryptionKeys } from '../model/index.ts'
import type { Appliance } from './appliance.ts'

/** To whom the files on the volume are encrypted; null: to nobody. */
export function encryptionOnVolume({
  configuration: { encryption, settings },
}: Pick<Appliance, 'configuration'>): EncryptionKeys | null {
  return settings.encrypt === 'all' ? encryption : null
}

/** What this appliance can open encrypted backups with. */
export function decryptionKeys({
  configuration: { settings },
}: Pick<Appliance, 'configuration'>): DecryptionKeys {
  const { decryptionIdentityFile: identityFile, encryptionKey: passphrase } = settings
  return { identityFile, passphrase }
}

/** What a manifest says about it: nothing secret. */
export function encryptedTo(keys: EncryptionKeys): EncryptedTo {
  return { kind: 'age', recipients: keys.kind === 'recipients' ? keys.recipients : null }
}
