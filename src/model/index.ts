/**
 * Model: the nouns of the house, and the parsers of the words that people configure. Everyone
 * imports this room; it imports nothing and touches nothing.
 */
export type { Acceptance, Level } from './acceptance.ts'
export { allEnded } from './all-ended.ts'
export type { Backup, OpenBackup, Quality, SealedBackup, WrittenBackup } from './backup.ts'
export {
  copiesOnRecord,
  copyIn,
  isVerified,
  lastVerification,
  pinnedAt,
  sumOnRecord,
} from './backup.ts'
export type { BackupName, Codec, Format, LocalStamp } from './backup-name.ts'
export {
  archiveKindOf,
  archiveKinds,
  codecs,
  formats,
  inProgressPathOf,
  instantOfStamp,
  isDatedFolder,
  localStampOf,
  parseBackupName,
  pathOfInProgress,
  printBackupName,
  withoutEncryptedEnding,
} from './backup-name.ts'
export type { Clock } from './clock.ts'
export type { ConfiguredDatabase, Credentials } from './configured-database.ts'
export type { DatabaseSpec, EngineName } from './database-spec.ts'
export { coreNameOf, engineNames, identityOf, safeName, sameDatabase } from './database-spec.ts'
export type { DecryptionKeys, Encryption, EncryptionKeys, EncryptionScope } from './encryption.ts'
export { encryptionScopes } from './encryption.ts'
export { ageText, duSize, elapsedText, minuteText, prettySize, secondText, two } from './figures.ts'
export type { Frequency, Weekday } from './frequency.ts'
export { parseFrequency, parseWeekday, weekdays } from './frequency.ts'
export { isInFuture } from './future.ts'
export type { KeepSpecification } from './keep-specification.ts'
export {
  keepSpecificationWarnings,
  parseKeepSpecification,
  parseKeepSpecifications,
  parseSpan,
  printKeepSpecification,
} from './keep-specification.ts'
export type {
  Appraisal,
  Check,
  Copy,
  DatabaseFacts,
  EncryptedTo,
  Fingerprint,
  FingerprintMode,
  LargeObjects,
  Manifest,
  OriginalFile,
  TableFingerprint,
  TableName,
  Trigger,
  Verdict,
  Verification,
} from './manifest.ts'
export { fingerprintModes, isUnattended, triggers, verdicts } from './manifest.ts'
export {
  type Notice,
  type NoticeChannel,
  type NoticeFigures,
  type NoticeKind,
  type NoticeLevel,
  noticeKinds,
  noticeLevels,
} from './notice.ts'
export type { ObjectKind, ObjectsOfKind } from './objects.ts'
export { objectKinds } from './objects.ts'
export type { Reading, Records, Signs } from './records.ts'
export { Redactor } from './redactor.ts'
export type { Account } from './refusal.ts'
export {
  accountLine,
  accountOf,
  chooseAnotherBackup,
  exitStatus,
  firstError,
  messageOf,
  Refusal,
  sentencesOf,
} from './refusal.ts'
export type { LoadedTree, Phase, RestoredFacts, SequenceState, Trial } from './restored-facts.ts'
export type { Period, RetentionPolicy, RetentionRule } from './retention-policy.ts'
export { periods } from './retention-policy.ts'
export type { DatabaseOutcome, MirrorRecord, RunDocument } from './run-document.ts'
export type { RunEvent, Tell } from './run-event.ts'
export { Secret } from './secret.ts'
export type { ServiceEvent } from './service-event.ts'
export type { JobResult, JobState, ServiceState } from './service-state.ts'
export {
  type MirrorName,
  mirrorNames,
  ownFolder,
  recordsFolder,
  type Source,
  type Store,
  type StoredFile,
  type StoreName,
  sourceOf,
} from './store.ts'
export { headOf, padColumns, tailOf, textWidth } from './text-width.ts'
export type { RetentionCounts, Strategy, Tier } from './tier.ts'
export { strategies, tierAt, tiers } from './tier.ts'
export { parseDuration, parseInstant, parseRate, parseWholeNumber, parseYesNo } from './words.ts'
export { isCopyTo, workName } from './work-name.ts'
