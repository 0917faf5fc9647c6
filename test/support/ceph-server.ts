import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, closeSync, openSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeAuthority } from './certificates.ts'
import type { StartedServer } from './on-demand.ts'
import { freePort } from './postgres-server.ts'
import { newRunFolder } from './run-folder.ts'
import { runAsServerUser, serverUser, spawnAsServerUser } from './unprivileged.ts'
import { waitUntil } from './wait-until.ts'

export interface CephDetails {
  readonly folder: string
  readonly port: number
  readonly tlsPort: number
  /** PEM file of the authority that signed the certificate of `tlsPort`. */
  readonly caFile: string
  readonly user: string
  readonly password: string
}

interface Cluster extends Pick<CephDetails, 'folder' | 'port' | 'tlsPort'> {
  readonly id: string
  readonly monitorPort: number
  readonly tls: { readonly certificate: string; readonly key: string }
}

/**
 * Starts a Ceph cluster with its S3 gateway: one monitor, one manager, one storage daemon that
 * keeps all objects in memory. It takes about 13 s.
 */
export async function startCeph(): Promise<StartedServer<CephDetails>> {
  const folder = newRunFolder('ceph')
  const owner = serverUser()
  if (owner !== null) chownSync(folder, owner.uid, owner.gid)
  const authority = await makeAuthority()
  const tls = await authority.issue('gateway')
  const ports = [await freePort(), await freePort(), await freePort()] as const
  const [monitorPort, port, tlsPort] = ports
  const cluster = { folder, port, tlsPort, id: randomUUID(), monitorPort, tls }
  const daemons = new Daemons(folder)
  try {
    await startDaemons(cluster, daemons)
    const login = { user: 'backup', password: randomUUID() }
    await makeUser(folder, login)
    const caFile = authority.certificate
    return {
      details: { folder, port, tlsPort, caFile, ...login },
      [Symbol.asyncDispose]: () => daemons.end(),
    }
  } catch (error) {
    const logs = await daemons.logs()
    await daemons.end()
    throw new Error(`Ceph did not start: ${String(error)}\n${logs}`, { cause: error })
  }
}

/** Runs a program of Ceph as a client of the cluster in this folder. */
export async function cephCommand(folder: string, ...command: readonly string[]): Promise<string> {
  const environment = { CEPH_CONF: join(folder, 'ceph.conf') }
  return await runAsServerUser(command, { cwd: folder, environment })
}

/** A user of the gateway; the name is the access key as well. */
export async function makeUser(
  folder: string,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<void> {
  const login = [`--access-key=${user}`, `--secret-key=${password}`]
  const name = [`--uid=${user}`, `--display-name=${user}`]
  await cephCommand(folder, 'radosgw-admin', 'user', 'create', ...name, ...login)
}

async function startDaemons(cluster: Cluster, daemons: Daemons): Promise<void> {
  const { folder, id, monitorPort, port } = cluster
  const run = (...command: readonly string[]): Promise<string> => cephCommand(folder, ...command)
  await writeFile(join(folder, 'ceph.conf'), configurationOf(cluster))
  for (const [at, [name, ...capabilities]] of keys.entries()) {
    const create = at === 0 ? ['--create-keyring'] : []
    const caps = capabilities.flatMap(([daemon, what]) => ['--cap', daemon, what])
    await run('ceph-authtool', ...create, 'keyring', '--gen-key', '-n', name, ...caps)
  }
  const address = `[v2:127.0.0.1:${monitorPort}]`
  await run('monmaptool', '--create', '--addv', 'a', address, '--fsid', id, 'monmap')
  await run('mkdir', 'mon', 'osd', 'mgr', 'rgw')
  await run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', 'monmap', '--keyring', 'keyring')
  daemons.start('ceph-mon', '-f', '-i', 'a')
  await run('ceph', 'auth', 'import', '-i', 'keyring')
  const disk = randomUUID()
  await run('ceph', 'osd', 'new', disk)
  daemons.start('ceph-mgr', '-f', '-i', 'x')
  await run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', disk)
  daemons.start('ceph-osd', '-f', '-i', '0')
  daemons.start('radosgw', '-f', '-n', 'client.rgw.a')
  await waitUntil('the gateway of Ceph to answer', () => daemons.check(() => answers(port)), 90_000)
}

type Capability = readonly [daemon: string, what: string]

const keys: readonly (readonly [name: string, ...Capability[]])[] = [
  ['mon.', ['mon', 'allow *']],
  ['client.admin', ['mon', 'allow *'], ['osd', 'allow *'], ['mgr', 'allow *']],
  ['mgr.x', ['mon', 'allow profile mgr'], ['osd', 'allow *']],
  ['osd.0', ['mon', 'allow profile osd'], ['mgr', 'allow profile osd'], ['osd', 'allow *']],
  ['client.rgw.a', ['mon', 'allow rw'], ['osd', 'allow rwx']],
]

function configurationOf({ folder, id, monitorPort, port, tlsPort, tls }: Cluster): string {
  const frontends = [
    `beast endpoint=127.0.0.1:${port} ssl_endpoint=127.0.0.1:${tlsPort}`,
    `ssl_certificate=${tls.certificate} ssl_private_key=${tls.key}`,
  ]
  const settings = {
    fsid: id,
    mon_host: `v2:127.0.0.1:${monitorPort}/0`,
    public_addr: '127.0.0.1',
    cluster_addr: '127.0.0.1',
    ms_bind_ipv6: 'false',
    ms_bind_msgr1: 'false',
    keyring: `${folder}/keyring`,
    run_dir: folder,
    log_file: `${folder}/$name.log`,
    mon_cluster_log_file: `${folder}/cluster.log`,
    mon_data: `${folder}/mon`,
    mgr_data: `${folder}/mgr`,
    osd_data: `${folder}/osd`,
    rgw_data: `${folder}/rgw`,
    osd_objectstore: 'memstore',
    memstore_device_bytes: String(8 * 1024 ** 3),
    osd_crush_chooseleaf_type: '0',
    osd_pool_default_size: '1',
    osd_pool_default_min_size: '1',
    osd_pool_default_pg_num: '8',
    osd_pool_default_pg_autoscale_mode: 'off',
    mon_allow_pool_size_one: 'true',
    mon_max_pg_per_osd: '1000',
    mgr_initial_modules: '',
    rgw_frontends: frontends.join(' '),
    // What was removed gives its memory back during the run, and not hours later.
    rgw_gc_obj_min_wait: '1',
    rgw_gc_processor_period: '5',
    rgw_gc_processor_max_time: '5',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  return `[global]\n${lines.join('\n')}\n`
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/`)).ok
  } catch {
    return false
  }
}

class Daemons {
  readonly #folder: string
  readonly #running: ReturnType<typeof spawnAsServerUser>[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  start(...command: readonly string[]): void {
    const log = openSync(join(this.#folder, 'output.log'), 'a', 0o644)
    const child = spawnAsServerUser(command, {
      cwd: this.#folder,
      environment: { CEPH_CONF: join(this.#folder, 'ceph.conf') },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    child.unref()
    this.#running.push(child)
  }

  /** @throws when one has ended by itself. */
  check<Answer>(ask: () => Answer): Answer {
    const ended = this.#running.find((child) => child.exitCode !== null)
    if (ended !== undefined) throw new Error(`${ended.spawnargs.join(' ')} ended.`)
    return ask()
  }

  async logs(): Promise<string> {
    return await readFile(join(this.#folder, 'output.log'), 'utf8').catch(String)
  }

  async end(): Promise<void> {
    await Promise.all(
      this.#running.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const ended = once(child, 'exit')
        child.ref()
        child.kill('SIGKILL')
        await ended
      }),
    )
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
