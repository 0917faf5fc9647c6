import type { Resource } from './openshift-template.ts'

interface Reference {
  readonly name: string
  readonly key: string
  readonly optional?: boolean
}

interface Source {
  readonly name: string
  readonly optional?: boolean
}

export interface Container {
  readonly env?: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly secretKeyRef?: Reference }
  }[]
  readonly envFrom?: readonly { readonly configMapRef?: Source; readonly secretRef?: Source }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly securityContext?: unknown
  readonly [field: string]: unknown
}

export interface Pod {
  readonly containers: readonly Container[]
  readonly [field: string]: unknown
}

/** What pods the objects start, wherever in them it says so. */
export function podsOf(value: unknown): readonly Pod[] {
  if (typeof value !== 'object' || value === null) return []
  if ('containers' in value) return [value as Pod]
  return Object.values(value).flatMap(podsOf)
}

/**
 * What a container's processes see, as Kubernetes puts it together from objects that are there;
 * `others` are keys of secrets that are not among them, by their variables.
 */
export function containerEnvironment(
  { env = [], envFrom = [] }: Container,
  objects: readonly Resource[],
  others: Readonly<Record<string, string>>,
): Record<string, string> {
  const whole = envFrom.flatMap(({ configMapRef, secretRef }) => [
    ...(configMapRef === undefined
      ? []
      : Object.entries(dataOf(objects, 'ConfigMap', configMapRef))),
    ...(secretRef === undefined ? [] : Object.entries(dataOf(objects, 'Secret', secretRef))),
  ])
  const single = env.map(({ name, value, valueFrom }) => {
    const found = value ?? valueOfKey(objects, valueFrom?.secretKeyRef) ?? others[name]
    if (found === undefined) throw new Error(`${name} has no value`)
    return [name, found] as const
  })
  return Object.fromEntries([...whole, ...single])
}

function valueOfKey(
  objects: readonly Resource[],
  reference: Reference | undefined,
): string | undefined {
  return reference === undefined ? undefined : dataOf(objects, 'Secret', reference)[reference.key]
}

function dataOf(
  objects: readonly Resource[],
  kind: string,
  { name }: { readonly name: string },
): Readonly<Record<string, string>> {
  const found = objects.find(
    (object) => object.kind === kind && (object['metadata'] as { name: string }).name === name,
  )
  return (found?.['data'] ?? found?.['stringData'] ?? {}) as Record<string, string>
}
