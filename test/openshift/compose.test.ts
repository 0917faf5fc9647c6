import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { read } from '../config/read.ts'

/** As far as we use it; a misspelled key would do nothing. */
const service = z.strictObject({
  image: z.string(),
  build: z
    .union([
      z.strictObject({ dockerfile_inline: z.string() }),
      z.strictObject({
        context: z.literal('.'),
        dockerfile: z.string(),
        args: z.record(z.string(), z.string()),
      }),
    ])
    .optional(),
  environment: z.record(z.string(), z.string()).optional(),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.literal('service_healthy') }))
    .optional(),
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: z.string(), retries: z.number() })
    .optional(),
  volumes: z.array(z.string()).optional(),
  configs: z.array(z.strictObject({ source: z.string(), target: z.string() })).optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/u)).optional(),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  restart: z.literal('unless-stopped').optional(),
})
const compose = z
  .strictObject({
    name: z.string(),
    services: z.record(z.string(), service),
    configs: z.record(z.string(), z.strictObject({ content: z.string() })),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(readFileSync('docker-compose.yml', 'utf8')))
const services = Object.values(compose.services)

describe('docker-compose.yml', () => {
  test('names only services, volumes and configs that there are', () => {
    const sources = services.flatMap(({ volumes = [] }) =>
      volumes.map((each) => each.split(':')[0] ?? ''),
    )
    const isThere = (source: string) =>
      source.startsWith('./') ? existsSync(source) : source in compose.volumes
    expect(sources.filter((source) => !isThere(source))).toStrictEqual([])
    expect(Object.keys(compose.volumes).filter((name) => !sources.includes(name))).toStrictEqual([])
    const configs = services.flatMap((each) => each.configs ?? []).map(({ source }) => source)
    expect(configs.toSorted()).toStrictEqual(Object.keys(compose.configs).toSorted())
    for (const name of services.flatMap((each) => Object.keys(each.depends_on ?? {}))) {
      expect(compose.services[name]).toHaveProperty('healthcheck')
    }
  })

  test('builds with arguments that there are', () => {
    const dockerfile = readFileSync('docker/Dockerfile', 'utf8')
    const build = compose.services['backup']?.build
    expect(build).toMatchObject({ dockerfile: 'docker/Dockerfile', args: { PG_MAJORS: '17' } })
    expect(dockerfile).toContain('ARG PG_MAJORS=')
  })

  test('pins what it pulls (D-55)', () => {
    const pulled = services.filter(({ build }) => build === undefined).map(({ image }) => image)
    expect(pulled.length).toBeGreaterThan(0)
    for (const image of pulled) expect(image).toMatch(/:(?!latest$)[^:/]+$/u)
  })

  test('has an environment that the program understands, with both mirrors', async () => {
    const environment = compose.services['backup']?.environment ?? {}
    const conf = { '/conf/laptop.conf': readFileSync('config/laptop.conf', 'utf8') }

    const { databases, settings, warnings } = await read(environment, conf)

    expect(databases.map(({ spec }) => spec)).toMatchObject([
      { host: 'postgresql', database: 'shop' },
    ])
    expect(settings).toMatchObject({ s3Bucket: 'backups', ftpCaFile: '/certificates/ftp.pem' })
    expect(warnings.filter((text) => !text.includes('Skipped, '))).toStrictEqual([])
  })
})
