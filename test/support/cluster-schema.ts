import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { CronJob } from 'kubernetes-models/batch/v1/CronJob'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import { Pod } from 'kubernetes-models/v1/Pod'
import { Secret } from 'kubernetes-models/v1/Secret'
import { Service } from 'kubernetes-models/v1/Service'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { z } from 'zod'
import type { Resource } from './openshift-template.ts'

type Judge = (resource: never) => { validate(): void }

/** Kubernetes' own kinds, by its OpenAPI schema. */
const ofKubernetes: Readonly<Record<string, Judge>> = {
  'apps/v1 Deployment': (it) => new Deployment(it),
  'batch/v1 CronJob': (it) => new CronJob(it),
  'networking.k8s.io/v1 NetworkPolicy': (it) => new NetworkPolicy(it),
  'v1 ConfigMap': (it) => new ConfigMap(it),
  'v1 PersistentVolumeClaim': (it) => new PersistentVolumeClaim(it),
  'v1 Pod': (it) => new Pod(it),
  'v1 Secret': (it) => new Secret(it),
  'v1 Service': (it) => new Service(it),
  'v1 ServiceAccount': (it) => new ServiceAccount(it),
}

const labels = z.record(z.string(), z.string())
const metadata = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/u),
  labels: labels.optional(),
  annotations: labels.optional(),
})
const imageOf = (kind: string) => z.strictObject({ kind: z.literal(kind), name: z.string().min(1) })
const seconds = z.string().regex(/^\d+[smh]$/u)

/** OpenShift's and Prometheus' kinds, as far as we use them: no package has their schema. */
const byHand: Readonly<Record<string, z.ZodType>> = {
  'image.openshift.io/v1 ImageStream': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({ lookupPolicy: z.strictObject({ local: z.boolean() }) }),
  }),
  'build.openshift.io/v1 BuildConfig': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      triggers: z.array(z.strictObject({ type: z.enum(['ImageChange', 'ConfigChange']) })),
      runPolicy: z.enum(['Serial', 'SerialLatestOnly', 'Parallel']),
      source: z.strictObject({
        type: z.literal('Git'),
        git: z.strictObject({ uri: z.string().min(1), ref: z.string() }),
        contextDir: z.string(),
      }),
      strategy: z.strictObject({
        type: z.literal('Docker'),
        dockerStrategy: z.strictObject({
          from: imageOf('DockerImage'),
          dockerfilePath: z.string(),
          buildArgs: z.array(z.strictObject({ name: z.string(), value: z.string() })),
        }),
      }),
      output: z.strictObject({ to: imageOf('ImageStreamTag') }),
    }),
  }),
  'apps.openshift.io/v1 DeploymentConfig': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      replicas: z.number().int(),
      strategy: z.strictObject({ type: z.enum(['Recreate', 'Rolling']) }),
      selector: labels,
      triggers: z.array(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('ConfigChange') }),
          z.strictObject({
            type: z.literal('ImageChange'),
            imageChangeParams: z.strictObject({
              automatic: z.boolean(),
              containerNames: z.array(z.string()),
              from: z.strictObject({
                kind: z.literal('ImageStreamTag'),
                namespace: z.string(),
                name: z.string().regex(/^[^:]+:[^:]+$/u),
              }),
            }),
          }),
        ]),
      ),
      // Judged as that of a Pod.
      template: z.looseObject({}),
    }),
  }),
  'monitoring.coreos.com/v1 ServiceMonitor': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      selector: z.strictObject({ matchLabels: labels }),
      endpoints: z.array(
        z.strictObject({
          port: z.string(),
          path: z.string(),
          interval: seconds,
          scrapeTimeout: seconds,
        }),
      ),
    }),
  }),
  'monitoring.coreos.com/v1 PrometheusRule': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      groups: z.array(
        z.strictObject({
          name: z.string(),
          rules: z.array(
            z.strictObject({
              alert: z.string(),
              expr: z.string(),
              for: seconds,
              labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
              annotations: z.strictObject({ summary: z.string(), description: z.string() }),
            }),
          ),
        }),
      ),
    }),
  }),
}

/** What is wrong with an object: what its schema says, and fields that it does not know. */
export function problemsOf(resource: Resource): readonly string[] {
  const kind = `${resource.apiVersion} ${resource.kind}`
  const shape = byHand[kind]
  if (shape !== undefined) {
    const { error } = shape.safeParse(resource)
    return error === undefined ? [] : [`${kind}: ${error.message}`]
  }
  const problem = problemBySchema(kind, resource)
  if (problem !== null) return [problem]
  return unknownFields(kind, resource)
}

function problemBySchema(kind: string, resource: unknown): string | null {
  const judge = ofKubernetes[kind]
  if (judge === undefined) return `${kind}: there is no schema for it`
  try {
    judge(resource as never).validate()
    return null
  } catch (error) {
    return `${kind}: ${(error as Error).message}`
  }
}

/**
 * The schema lets fields pass that it does not know, and so a misspelled one would do nothing: a
 * field is known when an absurd value in its place is refused.
 */
function unknownFields(kind: string, resource: Resource): readonly string[] {
  return pathsIn(resource)
    .filter((path) => problemBySchema(kind, withAbsurd(resource, path)) === null)
    .map((path) => `${kind}: ${path.join('.')} is unknown`)
}

type Path = readonly string[]

function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => [
    [...path, key],
    ...pathsIn(each, [...path, key]),
  ])
}

function withAbsurd(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return () => {}
  if (Array.isArray(value)) {
    return value.map((each: unknown, index) =>
      String(index) === key ? withAbsurd(each, rest) : each,
    )
  }
  const object = value as Readonly<Record<string, unknown>>
  return { ...object, [key]: withAbsurd(object[key], rest) }
}
