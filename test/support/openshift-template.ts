import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const parameter = z.strictObject({
  name: z.string().regex(/^[A-Z][A-Z0-9_]*$/u),
  displayName: z.string().optional(),
  description: z.string().optional(),
  value: z.string().optional(),
  required: z.boolean().optional(),
})

/** OpenShift's `Template`, as far as we use it. */
const template = z.strictObject({
  apiVersion: z.literal('template.openshift.io/v1'),
  kind: z.literal('Template'),
  metadata: z.strictObject({ name: z.string() }),
  parameters: z.array(parameter),
  objects: z.array(z.looseObject({ apiVersion: z.string(), kind: z.string() })),
})

export type Template = z.infer<typeof template>

/** An object of the cluster; what is in it depends on its kind. */
export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly [field: string]: unknown
}

export function readTemplate(name: string): Template {
  return template.parse(parse(readFileSync(`openshift/templates/${name}.yaml`, 'utf8')))
}

/**
 * What `oc process` makes of it: `${NAME}` becomes text, a value that is `${{NAME}}` alone becomes
 * what that text is in JSON. `oc`, too, refuses unknown parameters and those that are required and empty.
 */
export function processTemplate(
  { parameters, objects }: Template,
  given: Readonly<Record<string, string>> = {},
): readonly Resource[] {
  const known = new Set(parameters.map(({ name }) => name))
  const unknown = Object.keys(given).filter((name) => !known.has(name))
  if (unknown.length > 0) throw new Error(`unknown parameters: ${unknown.join(', ')}`)
  const values = new Map(
    parameters.map(({ name, value, required = false }) => {
      const text = given[name] ?? value ?? ''
      if (required && text === '') throw new Error(`parameter ${name} is required`)
      return [name, text]
    }),
  )
  return objects.map((object) => substituted(object, values) as Resource)
}

/** Names of all parameters that are used somewhere. */
export function usedParameters({ metadata, objects }: Template): ReadonlySet<string> {
  const text = JSON.stringify([metadata, objects])
  return new Set([...text.matchAll(/\$\{\{?(?<name>\w+)\}\}?/gu)].map(([, name = '']) => name))
}

function substituted(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return substitutedText(value, values)
  if (Array.isArray(value)) return value.map((each) => substituted(each, values))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, substituted(each, values)]),
  )
}

function substitutedText(text: string, values: ReadonlyMap<string, string>): unknown {
  const whole = /^\$\{\{(?<name>\w+)\}\}$/u.exec(text)?.groups?.['name']
  if (whole !== undefined) return jsonOf(valueOf(whole, values))
  return text.replaceAll(/\$\{(?<name>\w+)\}/gu, (_, name: string) => valueOf(name, values))
}

function valueOf(name: string, values: ReadonlyMap<string, string>): string {
  const value = values.get(name)
  if (value === undefined) throw new Error(`parameter ${name} is used and not defined`)
  return value
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
