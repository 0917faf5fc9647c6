import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import {
  copyFile,
  cp,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { newRunFolder } from './run-folder.ts'

const execute = promisify(execFile)
const cache = '.cache/image'
/** What OpenShift gives a pod, more or less. */
export const anyUid = 1_000_660_000

/** The image of docker/Dockerfile, built here without a container engine. */
export interface Image extends AsyncDisposable {
  /** Its files. */
  readonly tree: string
  /** What it says about itself: user, entry point, health check, labels. */
  readonly config: Readonly<Record<string, unknown>>
  /** Runs a command in it as any UID of group 0, without a capability. */
  run(command: readonly string[], options?: RunOptions): Promise<Ended>
  /** The same on a root that nobody can write to. */
  runReadOnly(command: readonly string[], options?: RunOptions): Promise<Ended>
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Folders here, by where they are there. */
  readonly volumes?: Readonly<Record<string, string>>
}

export interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Builds it on a Debian of `debootstrap` with the Node.js of this project, because no registry may
 * be reachable. Only root can.
 */
export async function buildImage(): Promise<Image> {
  const storage = newRunFolder('image-storage')
  const buildah = (...args: readonly string[]): Promise<Ended> =>
    ended('buildah', [
      '--root',
      join(storage, 'root'),
      '--runroot',
      join(storage, 'run'),
      '--storage-driver',
      'vfs',
      ...args,
    ])
  const succeeding = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await buildah(...args)
    if (status !== 0)
      throw new Error(`buildah ${args[0]}: ${stderr.slice(-4_000)}${stdout.slice(-4_000)}`)
    return stdout.trim()
  }
  await importBases(succeeding)
  await succeeding(...(await buildArguments(storage)))
  const container = await succeeding('from', '--pull-never', 'localhost/backup-container')
  const tree = await succeeding('mount', container)
  const inspected = JSON.parse(await succeeding('inspect', container)) as {
    Docker: { config: Readonly<Record<string, unknown>> }
  }
  return {
    tree,
    config: inspected.Docker.config,
    run: (command, { env = {}, volumes = {} } = {}) =>
      buildah(
        'run',
        '--isolation',
        'chroot',
        '--user',
        `${anyUid}:0`,
        '--cap-drop',
        'all',
        ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
        ...Object.entries(volumes).flatMap(([there, here]) => ['--volume', `${here}:${there}`]),
        container,
        '--',
        ...command,
      ),
    runReadOnly: (command, options) => runReadOnly(tree, command, options),
    [Symbol.asyncDispose]: async () => {
      await buildah('rm', '--all')
      await rm(storage, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** `localhost/debian`, and `localhost/node` with Node.js and npm where Node's own image has them. */
async function importBases(
  buildah: (...args: readonly string[]) => Promise<string>,
): Promise<void> {
  const base = await debian()
  const container = await buildah('from', 'scratch')
  const tree = await buildah('mount', container)
  await execute('tar', ['-C', tree, '-xf', base])
  await buildah('commit', '--quiet', '--format', 'docker', container, 'localhost/debian')
  const local = join(tree, 'usr/local')
  const npm = join(await realpath((await execute('which', ['npm'])).stdout.trim()), '../..')
  await copyFile(await realpath('node_modules/node/bin/node'), join(local, 'bin/node'))
  await cp(npm, join(local, 'lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true })
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
  await buildah('commit', '--quiet', '--format', 'docker', container, 'localhost/node')
  await buildah('rm', container)
}

/** A small Debian of this machine's release as a tar, made once. */
async function debian(): Promise<string> {
  const { VERSION_CODENAME: codename = '' } = Object.fromEntries(
    (await readFile('/etc/os-release', 'utf8')).split('\n').map((line) => line.split('=')),
  ) as Record<string, string>
  const file = join(cache, `debian-${codename}.tar`)
  if (existsSync(file)) return file
  const folder = newRunFolder('debian')
  await execute('debootstrap', ['--variant=minbase', codename, folder, await mirrorOf(codename)])
  await mkdir(cache, { recursive: true })
  const without = ['var/cache/apt/*', 'var/lib/apt/lists/*', 'usr/share/doc/*', 'usr/share/man/*']
  const excluded = [...without, 'usr/share/locale/*'].map((path) => `--exclude=./${path}`)
  await execute('tar', ['-C', folder, ...excluded, '-cf', join(process.cwd(), `${file}.new`), '.'])
  await rename(`${file}.new`, file)
  await rm(folder, { recursive: true, force: true })
  return file
}

/** Where this machine has its packages from. */
async function mirrorOf(codename: string): Promise<string> {
  const format = '$(CODENAME) $(COMPONENT) $(REPO_URI)'
  const { stdout } = await execute('apt-get', ['indextargets', '--format', format])
  const line = stdout.split('\n').find((each) => each.startsWith(`${codename} main `))
  const mirror = line?.split(' ')[2]
  if (mirror === undefined) throw new Error(`apt knows no source of ${codename}.`)
  return mirror
}

/** npm asks the registry that it asks here, and trusts whom it trusts here. */
async function buildArguments(storage: string): Promise<readonly string[]> {
  const npmrc = join(storage, 'npmrc')
  const [registry, authorities] = await Promise.all(['registry', 'cafile'].map(npmSetting))
  const lines = [
    `registry=${registry}`,
    ...(authorities === null ? [] : ['cafile=/run/authorities.pem']),
  ]
  await writeFile(npmrc, `${lines.join('\n')}\n`)
  const mounts = [
    `${npmrc}:/usr/local/etc/npmrc:ro`,
    ...(authorities === null ? [] : [`${authorities}:/run/authorities.pem:ro`]),
  ]
  const values = {
    BASE_IMAGE: 'localhost/debian',
    NODE_IMAGE: 'localhost/node',
    PG_SOURCE: 'debian',
  }
  return [
    'bud',
    '--isolation',
    'chroot',
    '--format',
    'docker',
    '--layers=false',
    '--pull-never',
    '-f',
    'docker/Dockerfile',
    '-t',
    'localhost/backup-container',
    ...Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...mounts.flatMap((mount) => ['--volume', mount]),
    '.',
  ]
}

/** As npm has it outside of this project, whose Node.js would look for it in another place. */
async function npmSetting(name: string): Promise<string | null> {
  const { PATH = '', HOME } = process.env
  const path = PATH.split(':').filter((folder) => !folder.includes('node_modules'))
  const env = { PATH: path.join(':'), HOME }
  const { stdout } = await execute('npm', ['config', 'get', name], { env, cwd: '/' })
  const value = stdout.trim()
  return ['', 'null', 'undefined'].includes(value) ? null : value
}

/** A root as Kubernetes' `readOnlyRootFilesystem` makes it, in a mount namespace of its own. */
async function runReadOnly(
  tree: string,
  command: readonly string[],
  { env = {}, volumes = {} }: RunOptions = {},
): Promise<Ended> {
  const script = `
    set -eu
    tree=$1; shift
    mount --bind "$tree" "$tree"
    mount -o remount,bind,ro "$tree"
    mount -t tmpfs -o mode=1777 tmpfs "$tree/tmp"
    mount -t proc proc "$tree/proc"
    mount --rbind /dev "$tree/dev"
    while [ "$1" != -- ]; do mount --bind "$2" "$tree$1"; shift 2; done
    shift
    exec chroot "$tree" setpriv --reuid ${anyUid} --regid 0 --clear-groups \\
      --inh-caps=-all --bounding-set=-all --no-new-privs "$@"`
  const all = {
    PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/tmp',
    TZ: 'UTC',
    ...env,
  }
  return await ended(
    'unshare',
    [
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      '--',
      'sh',
      '-c',
      script,
      'sh',
      tree,
      ...Object.entries(volumes).flat(),
      '--',
      ...command,
    ],
    all,
  )
}

async function ended(
  program: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const options = { maxBuffer: 1e8, ...(env === undefined ? {} : { env }) }
  execFile(program, args, options, (error, stdout, stderr) => {
    const status = error === null ? 0 : Number(error.code)
    resolve({ status: Number.isInteger(status) ? status : 255, stdout, stderr })
  })
  return await promise
}

/** Bytes of all files below a folder. */
export async function treeBytes(folder: string): Promise<number> {
  const { stdout } = await execute('du', ['-sB1', folder], { cwd: dirname(folder) })
  return Number(stdout.split('\t')[0])
}
