import type {
  Appraisal,
  DatabaseOutcome,
  Manifest,
  MirrorRecord,
  RunDocument,
} from '../model/index.ts'

type Redacted = (text: string) => string

/** A run document whose errors keep no secret of what tools said. */
export function runWithoutSecrets(document: RunDocument, redacted: Redacted): RunDocument {
  const { databases, mirrors } = document
  return {
    ...document,
    ...(mirrors === undefined ? {} : { mirrors: mirrors.map(mirrorWithoutSecrets(redacted)) }),
    databases: databases.map(({ error, ...outcome }) => ({
      ...outcome,
      error: error === null ? null : errorWithoutSecrets(error, redacted),
    })),
  }
}

function mirrorWithoutSecrets(redacted: Redacted): (mirror: MirrorRecord) => MirrorRecord {
  return ({ failures, ...mirror }) => ({
    ...mirror,
    failures: failures.map(({ path, error }) => ({
      path,
      error: errorWithoutSecrets(error, redacted),
    })),
  })
}

type Told = NonNullable<DatabaseOutcome['error']>

function errorWithoutSecrets({ message, reason, advice }: Told, redacted: Redacted): Told {
  return { message: redacted(message), reason: redacted(reason), advice: redacted(advice) }
}

/** The same for what was said about a backup; what a restore needs stays as it is. */
export function manifestWithoutSecrets(manifest: Manifest, redacted: Redacted): Manifest {
  const { fingerprint, warnings } = manifest
  const problem = fingerprint.problem === null ? null : redacted(fingerprint.problem)
  return {
    ...manifest,
    ...findingsWithoutSecrets(manifest, redacted),
    fingerprint: { ...fingerprint, problem },
    warnings: warnings.map(redacted),
  }
}

export function appraisalWithoutSecrets(appraisal: Appraisal, redacted: Redacted): Appraisal {
  return { ...appraisal, ...findingsWithoutSecrets(appraisal, redacted) }
}

type Findings = Pick<Appraisal, 'verifications' | 'check'>

function findingsWithoutSecrets({ verifications, check }: Findings, redacted: Redacted): Findings {
  return {
    verifications: verifications.map(({ differences, ...rest }) => ({
      ...rest,
      differences: differences.map(redacted),
    })),
    check:
      check === null || check.problem === null
        ? check
        : { ...check, problem: redacted(check.problem) },
  }
}
