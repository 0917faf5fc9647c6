import { Gauge, Registry } from 'prom-client'
import type { ServiceState } from '../model/index.ts'
import { type DatabaseStatus, type Observation, states } from '../operations/index.ts'

/** What the metrics are made from. */
export interface Picture {
  readonly observation: Observation
  readonly service: ServiceState
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface Metric {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly samples: (picture: Picture) => readonly Sample[]
}

/** Every metric there is; docs/metrics.md has the same rows, for people. */
const metrics: readonly Metric[] = [
  ofDatabases('last_success_timestamp_seconds', 'When its newest good backup began; 0: never.', {
    of: ({ lastGood }) => seconds(lastGood?.takenAt) ?? 0,
  }),
  ofDatabases('last_duration_seconds', 'How long that backup took.', {
    of: ({ lastGood }) => durationOf(lastGood?.manifest),
  }),
  ofDatabases('last_size_bytes', 'Size of that backup.', {
    of: ({ lastGood }) => lastGood?.bytes ?? null,
  }),
  ofDatabases('database_size_bytes', 'Size of the database when it was taken.', {
    of: ({ lastGood }) => lastGood?.manifest?.databaseBytes ?? null,
  }),
  ofDatabases('last_verified_timestamp_seconds', 'When a backup last proved good; 0: never.', {
    of: ({ provenAt }) => (provenAt === null ? 0 : seconds(new Date(provenAt))),
  }),
  ofDatabases('failed_attempts', 'Tries that failed since the last one that did not.', {
    of: ({ failures }) => failures,
  }),
  ofDatabases('next_run_timestamp_seconds', 'When it is due next, where that is known.', {
    of: ({ nextRun }) => seconds(nextRun),
  }),
  ofDatabases('ok', '1 when nobody needs to look at it, as --status judges; else 0.', {
    of: ({ ok }) => Number(ok),
  }),
  {
    name: 'backup_state',
    help: '1 for the state that it is in, 0 for the others.',
    labels: ['database', 'state'],
    samples: ({ observation }) =>
      observation.statuses.flatMap(({ database, state }) =>
        states.map((each) => ({
          labels: { database: database.spec.written, state: each },
          value: Number(each === state),
        })),
      ),
  },
  {
    name: 'backup_store_lag_seconds',
    help: 'Age of the oldest good backup that the store still lacks; 0: none.',
    labels: ['database', 'store'],
    samples: ({ observation }) =>
      observation.statuses.flatMap(({ database, storeLags }) =>
        storeLags.map(({ store, seconds: value }) => ({
          labels: { database: database.spec.written, store },
          value,
        })),
      ),
  },
  single('lock_held', '1 while a run holds the lock of the volume.', ({ observation }) =>
    Number(observation.lock !== null),
  ),
  single('lock_held_since_timestamp_seconds', 'Since when it holds it.', ({ observation }) =>
    seconds(observation.lock?.since),
  ),
  single(
    'observed_timestamp_seconds',
    'When the volume was last looked at; it stays where it is while the volume hangs.',
    ({ observation }) => observation.at.getTime() / 1000,
  ),
  single('volume_free_bytes', 'Free space of the volume.', ({ observation }) =>
    valueOr(observation.volume?.free),
  ),
  single('volume_size_bytes', 'Size of the volume.', ({ observation }) =>
    valueOr(observation.volume?.total),
  ),
  single('configuration_valid', '0 when the newest configuration was refused.', ({ service }) =>
    Number(service.configuration.valid),
  ),
  single('service_start_timestamp_seconds', 'When the service started.', ({ service }) =>
    seconds(service.startedAt),
  ),
  ofJobs('job_running', '1 while the job runs.', ({ runningSince }) =>
    Number(runningSince !== null),
  ),
  ofJobs('job_last_failed', '1 when the job failed the last time it ran.', ({ lastResult }) =>
    lastResult === null ? null : Number(lastResult.kind !== 'succeeded'),
  ),
  ofJobs('job_next_run_timestamp_seconds', 'When the job runs next.', ({ nextRun }) =>
    seconds(nextRun),
  ),
]

/** The names of all metrics, whether they have a value now or not. */
export const metricNames: readonly string[] = metrics.map(({ name }) => name)

/** The page of `/metrics`, and its content type. */
export async function metricsPage(picture: Picture): Promise<{ text: string; type: string }> {
  const registry = new Registry()
  for (const { name, help, labels, samples } of metrics) {
    const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] })
    const all = samples(picture)
    // One without labels is zero from the start, which would be a lie.
    if (all.length === 0 && labels.length === 0) gauge.remove()
    for (const sample of all) gauge.set(sample.labels, sample.value)
  }
  return { text: await registry.metrics(), type: registry.contentType }
}

function ofDatabases(
  name: string,
  help: string,
  { of }: { readonly of: (status: DatabaseStatus) => number | null },
): Metric {
  return {
    name: `backup_${name}`,
    help,
    labels: ['database'],
    samples: ({ observation }) =>
      observation.statuses.flatMap((status) =>
        sampleOf({ database: status.database.spec.written }, of(status)),
      ),
  }
}

function ofJobs(
  name: string,
  help: string,
  of: (job: ServiceState['jobs'][number]) => number | null,
): Metric {
  return {
    name: `backup_${name}`,
    help,
    labels: ['job'],
    samples: ({ service }) => service.jobs.flatMap((job) => sampleOf({ job: job.name }, of(job))),
  }
}

function single(name: string, help: string, of: (picture: Picture) => number | null): Metric {
  const samples = (picture: Picture): readonly Sample[] => sampleOf({}, of(picture))
  return { name: `backup_${name}`, help, labels: [], samples }
}

/** Nothing is said about what is not known. */
function sampleOf(labels: Sample['labels'], value: number | null): readonly Sample[] {
  return value === null ? [] : [{ labels, value }]
}

function valueOr(value: number | undefined): number | null {
  return value ?? null
}

/** Unix time, as Prometheus counts it. */
function seconds(instant: Date | string | null | undefined): number | null {
  if (instant === null || instant === undefined) return null
  return new Date(instant).getTime() / 1000
}

function durationOf(
  manifest: { readonly startedAt: string; readonly finishedAt: string } | null | undefined,
): number | null {
  if (manifest === null || manifest === undefined) return null
  return (Date.parse(manifest.finishedAt) - Date.parse(manifest.startedAt)) / 1000
}
