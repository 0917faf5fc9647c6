import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { mirrorVariables } from '../../src/config/retention.ts'
import { settingsTable } from '../../src/config/settings-table.ts'
import { metricNames } from '../../src/health/metrics.ts'
import { states } from '../../src/operations/index.ts'
import { read } from '../config/read.ts'
import { problemsOf } from '../support/cluster-schema.ts'
import {
  processTemplate,
  type Resource,
  readTemplate,
  type Template,
  usedParameters,
} from '../support/openshift-template.ts'
import { type Container, containerEnvironment, podsOf } from '../support/pods.ts'
import { changed, original } from './original-parameters.ts'

const names = readdirSync('openshift/templates').map((file) => file.replace(/\.yaml$/u, ''))
const templates = new Map(names.map((name) => [name, readTemplate(name)]))
const guide = readFileSync('docs/openshift.md', 'utf8')
const withPods = ['deploy', 'deploymentconfig', 'cronjob'] as const

/** What `oc` asks for. */
const demanded: Readonly<Record<string, string>> = {
  IMAGE_NAMESPACE: 'tools',
  GIT_REPO_URL: 'https://git.example.org/team/backup-container.git',
}
/** Where not any text will do. */
const fitting: Readonly<Record<string, string>> = {
  ...demanded,
  HTTP_PORT: '9090',
  VERIFY_SUSPENDED: 'true',
  SUCCESS_JOBS_HISTORY_LIMIT: '3',
  FAILED_JOBS_HISTORY_LIMIT: '4',
  JOB_BACKOFF_LIMIT: '1',
  JOB_DEADLINE_SECONDS: '3600',
  LOCK_WAIT: '30m',
  SCHEDULE: '5 2 * * *',
  VERIFY_SCHEDULE: '5 3 * * 0',
  CRON_SCHEDULE: '5 1 * * *',
  SCHEDULE_TIME_ZONE: 'America/Vancouver',
  TZ: 'Europe/Vienna',
  BACKUP_STRATEGY: 'daily',
  NUM_BACKUPS: '11',
  DAILY_BACKUPS: '12',
  WEEKLY_BACKUPS: '13',
  MONTHLY_BACKUPS: '14',
  BACKUP_PERIOD: '6h',
  DATABASE_SERVICE_NAME: 'orders-db',
  DATABASE_NAME: 'orders',
  DATABASE_DEFAULT_PORT: '5433',
  WEBHOOK_URL: 'https://chat.example.org/hooks/1',
  PGDUTY_URL: 'https://events.example.org/v2/enqueue',
  PING_URL: 'https://ping.example.org/1',
  SMTP_URL: 'smtp://mail.example.org:587',
  EMAIL_FROM: 'backup@example.org',
  EMAIL_TO: 'team@example.org',
  FTP_URL: 'ftp://ftp.example.org/backups/',
  S3_ENDPOINT: 'https://s3.example.org',
  S3_BUCKET: 'my-bucket',
  S3_PRUNE_BACKUPS: 'yes',
  RESTIC_REPOSITORY: 'rest:https://restic.example.org/orders',
  BACKUP_DIR: '/elsewhere/',
  CONFIG_MOUNT_PATH: '/etc/',
  VERIFICATION_VOLUME_MOUNT_PATH: '/scratch',
  BACKUP_VOLUME_SIZE: '50Gi',
  VERIFICATION_VOLUME_SIZE: '20Gi',
  CPU_REQUEST: '100m',
  CPU_LIMIT: '2',
  MEMORY_REQUEST: '128Mi',
  MEMORY_LIMIT: '1Gi',
}

function templateOf(name: string): Template {
  const template = templates.get(name)
  if (template === undefined) throw new Error(`There is no template ${name}.`)
  return template
}

/** Only those that a template has. */
function given(name: string, values: Readonly<Record<string, string>>): Record<string, string> {
  const known = new Set(templateOf(name).parameters.map((parameter) => parameter.name))
  return Object.fromEntries(Object.entries(values).filter(([key]) => known.has(key)))
}

function withDefaults(name: string): readonly Resource[] {
  return processTemplate(templateOf(name), given(name, demanded))
}

function withAll(name: string): readonly Resource[] {
  const { parameters } = templateOf(name)
  const any = parameters.map((parameter) => [
    parameter.name,
    `x-${parameter.name.toLowerCase().replaceAll('_', '-')}`,
  ])
  return processTemplate(templateOf(name), {
    ...(Object.fromEntries(any) as Record<string, string>),
    ...given(name, fitting),
  })
}

describe.each(names)('openshift/templates/%s.yaml', (name) => {
  test('makes objects that the cluster understands, by default and with all parameters', () => {
    expect(withDefaults(name).flatMap(problemsOf)).toStrictEqual([])
    expect(withAll(name).flatMap(problemsOf)).toStrictEqual([])
  })

  test('defines the parameters that it uses, and uses those that it defines', () => {
    const { parameters } = templateOf(name)
    const defined = parameters.map((parameter) => parameter.name)
    expect([...usedParameters(templateOf(name))].toSorted()).toStrictEqual(defined.toSorted())
    expect(
      parameters.filter(
        ({ description = '', displayName = '' }) => description + displayName === '',
      ),
    ).toEqual([])
  })

  test('leaves no parameter unset that it needs', () => {
    expect(JSON.stringify([withDefaults(name), withAll(name)])).not.toMatch(/\$\{/u)
    const lacking = templateOf(name).parameters.filter(
      ({ value = '', required = false, ...it }) =>
        required && value === '' && demanded[it.name] === undefined,
    )
    expect(lacking).toStrictEqual([])
  })
})

test('a misspelled field is noticed', () => {
  const [policy] = withDefaults('network-policies')
  const { spec, ...rest } = policy as Resource & { spec: object }
  const misspelled = { ...rest, spec: { ...spec, ingres: [] } }
  expect(problemsOf(misspelled)).toStrictEqual([
    'networking.k8s.io/v1 NetworkPolicy: spec.ingres is unknown',
  ])
})

test.each(Object.keys(original))('%s.yaml has the parameters of the original', (name) => {
  const ours = new Map(templateOf(name).parameters.map((it) => [it.name, it.value]))
  for (const [parameter, value] of Object.entries(original[name] ?? {})) {
    const expected = parameter in changed ? changed[parameter] : (value ?? undefined)
    expect([parameter, ours.has(parameter), ours.get(parameter)]).toStrictEqual([
      parameter,
      true,
      expected,
    ])
  }
})

describe('build.yaml', () => {
  const dockerfile = readFileSync('docker/Dockerfile', 'utf8')
  const text = JSON.stringify(withDefaults('build'))

  test('builds what is there, with arguments that there are', () => {
    const path = /"dockerfilePath":"(?<path>[^"]*)"/u.exec(text)?.groups?.['path'] ?? ''
    expect(existsSync(path)).toBe(true)
    const build = /"buildArgs":(?<list>\[.*?\])/u.exec(text)?.groups?.['list'] ?? ''
    for (const argument of JSON.parse(build) as { name: string; value: string }[]) {
      const fallback = new RegExp(`^ARG ${argument.name}="?(?<value>.*?)"?$`, 'mu')
      expect({ ...argument, value: fallback.exec(dockerfile)?.groups?.['value'] }).toStrictEqual(
        argument,
      )
    }
  })
})

test('the image sets no variable that the program does not know', () => {
  const [, block = ''] =
    /^ENV (?<block>(?:.*\\\n)*.*)$/mu.exec(readFileSync('docker/Dockerfile', 'utf8')) ?? []
  const set = [...block.matchAll(/(?<name>[A-Z_]+)=/gu)].map(([, variable = '']) => variable)
  expect(set).toContain('BACKUP_UMASK')
  // Every program knows HOME.
  expect(set.filter((variable) => !['HOME', ...knownVariables].includes(variable))).toStrictEqual(
    [],
  )
})

describe.each(withPods)('pods of %s.yaml', (name) => {
  const pods = [...podsOf(withDefaults(name)), ...podsOf(withAll(name))]
  const containers = pods.flatMap((pod) => pod.containers)

  test('keep to the SCC restricted-v2, on a root that nobody can write to', () => {
    expect(pods.length).toBeGreaterThan(0)
    for (const { containers: each, ...pod } of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      })
      for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod).not.toHaveProperty(key)
      // The SCC chooses UID and group.
      expect(JSON.stringify([pod, each])).not.toMatch(/"(?:runAsUser|runAsGroup|fsGroup)"/u)
      for (const { securityContext } of each) {
        expect(securityContext).toStrictEqual({
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
      }
    }
  })

  test('mount no file by subPath, and have /tmp, your files and both volumes', () => {
    for (const { volumeMounts = [], imagePullPolicy } of containers) {
      expect(imagePullPolicy).toBe('Always')
      expect(volumeMounts).toContainEqual({ name: 'files', mountPath: '/secrets', readOnly: true })
      expect(JSON.stringify(volumeMounts)).not.toContain('subPath')
      expect(volumeMounts.map((mount) => mount.name)).toEqual(
        expect.arrayContaining(['backups', 'conf', 'tmp']),
      )
    }
  })

  test('set no variable that the program does not know, and none to a fixed value', () => {
    const raw = JSON.stringify(templateOf(name).objects)
    const set = containers.flatMap(({ env = [] }) => env)
    const maps = withDefaults(name).filter(({ kind }) => kind === 'ConfigMap')
    const inMaps = maps.flatMap((map) => Object.keys(map['data'] as object))
    const all = [...set.map((each) => each.name), ...inMaps]
    expect(all.filter((variable) => !knownVariables.includes(variable))).toStrictEqual([])
    // Only what a parameter says is set here, so that every variable can be set somehow.
    const fixed = set.filter(
      (each) => raw.includes(JSON.stringify({ ...each })) && (each.value ?? '') !== '',
    )
    expect(fixed).toStrictEqual([])
    for (const { envFrom = [] } of containers) {
      const yours = envFrom.map(({ configMapRef, secretRef }) => configMapRef ?? secretRef)
      const optional = yours
        .filter((source) => source?.optional === true)
        .map((source) => source?.name)
      expect(optional).toStrictEqual([
        expect.stringMatching(/-settings$/u),
        expect.stringMatching(/-secrets$/u),
      ])
    }
  })

  test('take secrets by key only', () => {
    const isSecret = (variable: string): boolean =>
      Object.entries(settingsTable).some(([key, row]) => key === variable && row.kind === 'secret')
    const secrets = containers.flatMap(({ env = [] }) => env).filter((each) => isSecret(each.name))
    expect(secrets.length).toBeGreaterThan(0)
    const keys = secrets.map(({ valueFrom }) => valueFrom?.secretKeyRef?.key)
    expect(keys.filter((key) => !/^[a-z][a-z0-9-]+$/u.test(key ?? ''))).toStrictEqual([])
  })
})

/** Of the program, and those of PostgreSQL's programs. */
const knownVariables: readonly string[] = [
  ...Object.entries(settingsTable).flatMap(([name, row]) => [
    name,
    ...('lookup' in row ? row.lookup : []),
  ]),
  ...mirrorVariables.map(({ name }) => name),
]

/** The variables of the one container that backs up, secrets resolved. */
function environmentIn(objects: readonly Resource[]): Record<string, string> {
  const [pod] = podsOf(objects)
  const [container] = pod?.containers ?? []
  return containerEnvironment(container as Container, objects, {
    DATABASE_USER: 'backup',
    DATABASE_PASSWORD: 'a password',
  })
}

describe('the configuration in the pod', () => {
  const conf = 'postgres=wallet-db:5432/wallet\n0 1 * * * default ./backup.sh -s\n'

  test('of deploy.yaml is understood without a warning by default', async () => {
    const environment = environmentIn(withDefaults('deploy'))

    const configuration = await read(environment, { '/conf/backup.conf': conf })

    expect(configuration).toMatchObject({
      warnings: [],
      mode: 'cron',
      confPath: '/conf/backup.conf',
    })
    expect(configuration.settings).toMatchObject({
      backupStrategy: 'rolling',
      dailyBackups: 6,
      httpPort: 8080,
      verificationDir: '/var/lib/pgsql/data',
      tableSchema: 'public',
      webhookUrl: null,
      ftpUrl: null,
    })
  })

  test('of deploy.yaml has what each parameter says (D-29)', async () => {
    const environment = environmentIn(withAll('deploy'))
    const path = '/etc/conf/x-config-file-name'

    // A file without databases, so that the environment describes the one.
    const { settings, databases, warnings } = await read(environment, { [path]: '# none\n' })

    expect(warnings).toStrictEqual([])
    expect(databases.map(({ spec }) => spec)).toMatchObject([
      { host: 'orders-db', database: 'orders' },
    ])
    expect(settings).toMatchObject({
      backupStrategy: 'daily',
      numBackups: 11,
      dailyBackups: 12,
      weeklyBackups: 13,
      monthlyBackups: 14,
      backupPeriod: { seconds: 21_600 },
      backupDir: '/elsewhere',
      verificationDir: '/scratch',
      tableSchema: 'x-table-schema',
      httpPort: 9090,
      tz: 'Europe/Vienna',
      s3Bucket: 'my-bucket',
      s3User: 'x-s3-user',
      emailFrom: 'backup@example.org',
      environmentName: 'x-environment-name',
      environmentFriendlyName: 'x-environment-friendly-name',
    })
    const secrets = [
      'webhookUrl',
      'ftpPassword',
      's3Password',
      'resticPassword',
      'pgdutySvcKey',
    ] as const
    expect(secrets.filter((secret) => settings[secret] === null)).toStrictEqual([])
  })

  test('of deploy.yaml may be a bucket, without a special schema', async () => {
    const objects = processTemplate(templateOf('deploy'), {
      ...given('deploy', demanded),
      TABLE_SCHEMA: '',
      S3_ENDPOINT: 'https://s3.example.org',
      S3_USER: 'user',
      S3_PASSWORD: 'password',
    })
    const yours = {
      ROOT_BACKUP_DIR: 's3://backups/orders',
      SCRATCH_DIR: '/var/lib/pgsql/data/archives',
    }

    const { settings, warnings } = await read(
      { ...environmentIn(objects), ...yours },
      { '/conf/backup.conf': conf },
    )

    expect(warnings).toStrictEqual([])
    expect(settings).toMatchObject({ backupDir: 's3://backups/orders', tableSchema: null })
    expect(guide).toContain('`ROOT_BACKUP_DIR=s3://bucket/prefix`')
    expect(guide).toContain(`\`SCRATCH_DIR=${yours.SCRATCH_DIR}\``)
  })

  test('of cronjob.yaml has what each parameter says (D-29)', async () => {
    const byDefault = await read(environmentIn(withDefaults('cronjob')))
    const { settings, databases, warnings } = await read(environmentIn(withAll('cronjob')))

    expect([...byDefault.warnings, ...warnings]).toStrictEqual([])
    expect(byDefault.databases.map(({ spec }) => spec)).toMatchObject([
      { host: 'postgresql', port: 5432, database: 'MyDatabase' },
    ])
    expect(byDefault.settings).toMatchObject({ backupStrategy: 'rolling', dailyBackups: 7 })
    expect(databases.map(({ spec }) => spec)).toMatchObject([
      { host: 'orders-db', port: 5433, database: 'orders' },
    ])
    expect(settings).toMatchObject({
      backupStrategy: 'daily',
      numBackups: 11,
      tz: 'Europe/Vienna',
      lockWait: { seconds: 1_800 },
    })
    expect(byDefault.settings).toMatchObject({ lockWait: { seconds: 3_600 } })
  })
})

describe('deploy.yaml', () => {
  test('has probes, one pod at a time, and the port that HTTP_PORT says', () => {
    const deployment = withAll('deploy').find(({ kind }) => kind === 'Deployment')
    expect(deployment).toMatchObject({ spec: { replicas: 1, strategy: { type: 'Recreate' } } })
    const [pod] = podsOf(withAll('deploy'))
    expect(pod?.containers[0]).toMatchObject({
      ports: [{ name: 'http', containerPort: 9090 }],
      livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
    })
    expect(pod?.['serviceAccountName']).toBe('x-name')
  })

  test('differs from deploymentconfig.yaml by the one object alone', () => {
    const [deploy, config] = [templateOf('deploy'), templateOf('deploymentconfig')]
    const others = ({ objects }: Template) =>
      objects.filter(({ kind }) => !['Deployment', 'DeploymentConfig'].includes(kind))
    expect(config.parameters).toStrictEqual(deploy.parameters)
    expect(others(config)).toStrictEqual(others(deploy))
    expect(podsOf(withAll('deploymentconfig'))).toStrictEqual(podsOf(withAll('deploy')))
  })

  test('lets nobody drain-proof it: there is no PodDisruptionBudget', () => {
    expect(withDefaults('deploy').map(({ kind }) => kind)).not.toContain('PodDisruptionBudget')
  })
})

describe('cronjob.yaml', () => {
  test('ends no long backup by a deadline (D-29), and starts none beside another', () => {
    const jobs = withDefaults('cronjob').filter(({ kind }) => kind === 'CronJob')
    expect(jobs).toHaveLength(2)
    for (const job of jobs) {
      expect(job).toMatchObject({
        spec: {
          concurrencyPolicy: 'Forbid',
          suspend: false,
          jobTemplate: { spec: { activeDeadlineSeconds: 86_400, backoffLimit: 0 } },
        },
      })
    }
    const args = podsOf(jobs).map(({ containers }) => containers[0]?.['args'])
    expect(args).toStrictEqual([['-1'], ['-s', '-v', 'all']])
  })
})

test('only deny-by-default.yaml closes pods that are not ours', () => {
  const closing = names.filter((name) =>
    withDefaults(name).some(({ kind, spec }) => {
      const { podSelector } = (spec ?? {}) as { readonly podSelector?: object }
      return kind === 'NetworkPolicy' && JSON.stringify(podSelector) === '{}'
    }),
  )
  expect(closing).toStrictEqual(['deny-by-default'])
})

describe('monitoring.yaml', () => {
  const objects = withDefaults('monitoring')
  const rules = [
    ...JSON.stringify(objects).matchAll(
      /"alert":"(?<alert>\w+)","expr":"(?<expr>(?:[^"\\]|\\.)*)"/gu,
    ),
  ]

  test('alerts on metrics and states that there are', () => {
    expect(rules.length).toBeGreaterThanOrEqual(8)
    for (const [, , expression = ''] of rules) {
      const used = expression.match(/\bbackup_\w+/gu) ?? []
      expect(used.length).toBeGreaterThan(0)
      expect(metricNames).toEqual(expect.arrayContaining(used))
      for (const [, state] of expression.matchAll(/state=\\"([^"\\]*)/gu))
        expect(states).toContain(state)
    }
  })

  test('finds the Service and its port of deploy.yaml', () => {
    const service = withDefaults('deploy').find(({ kind }) => kind === 'Service')
    const monitor = objects.find(({ kind }) => kind === 'ServiceMonitor')
    expect(monitor).toMatchObject({
      spec: {
        selector: { matchLabels: { name: 'backup-postgres' } },
        endpoints: [{ port: 'http' }],
      },
    })
    expect(service).toMatchObject({
      metadata: { name: 'backup-postgres', labels: { name: 'backup-postgres' } },
      spec: { ports: [{ name: 'http' }] },
    })
  })

  test('has no alert that docs/openshift.md does not explain', () => {
    for (const [, alert = ''] of rules)
      expect(guide).toMatch(new RegExp(`^\\| \`${alert}\` \\|`, 'mu'))
  })
})

describe('docs/openshift.md', () => {
  test('names templates and parameters that there are', () => {
    const commands = [
      ...guide.matchAll(
        /oc process -f openshift\/templates\/(?<name>[\w-]+)\.yaml(?<rest>[^|]*)\|/gu,
      ),
    ]
    expect(commands.length).toBeGreaterThan(3)
    for (const [, name = '', rest = ''] of commands) {
      const known = templateOf(name).parameters.map((parameter) => parameter.name)
      for (const [, parameter] of rest.matchAll(/-p (\w+)=/gu)) expect(known).toContain(parameter)
    }
  })

  test('has parameter files with parameters that there are', () => {
    const files = [...guide.matchAll(/```ini\n# (?<name>\w+)\.params.*\n(?<lines>(?:.*\n)*?)```/gu)]
    expect(files.length).toBeGreaterThan(1)
    for (const [, name = '', lines = ''] of files) {
      const known = templateOf(name === 'backup' ? 'deploy' : name).parameters.map((it) => it.name)
      const used = [...lines.matchAll(/^(?<parameter>[A-Z_0-9]+)=/gmu)].map(([, it = '']) => it)
      expect(used.length).toBeGreaterThan(2)
      expect(known).toEqual(expect.arrayContaining(used))
    }
  })
})
