import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sessionCommand } from '../../../src/engines/postgres/commands.ts'
import {
  makeScratchFolder,
  type ScratchFolder,
} from '../../../src/engines/postgres/scratch/scratch-folder.ts'
import {
  type ScratchServer,
  startScratchServer,
} from '../../../src/engines/postgres/scratch/scratch-server.ts'
import { serversHere } from '../../../src/engines/postgres/scratch/server-programs.ts'
import { PsqlSession } from '../../../src/engines/postgres/session.ts'
import { contextWith } from '../../support/engine.ts'
import { debianBinDir } from '../../support/postgres-server.ts'
import { isAlive } from '../../support/run-folder.ts'
import { temporaryFolder } from '../../support/volume.ts'
import { waitUntil } from '../../support/wait-until.ts'

const { signal } = new AbortController()

async function start(folder: ScratchFolder, timeoutMs = 30_000): Promise<ScratchServer> {
  const context = contextWith({ binDir: debianBinDir() })
  const [programs] = await serversHere(context)
  if (programs === undefined) throw new Error('No server here.')
  return await startScratchServer(folder, {
    programs,
    environment: context.environment,
    timeoutMs,
    signal,
  })
}

async function ask(server: ScratchServer, sql: string): Promise<readonly string[]> {
  const psql = join(debianBinDir(), 'psql')
  const command = sessionCommand(psql, { database: 'postgres', environment: server.environment })
  await using session = new PsqlSession(command, signal)
  return await session.query(sql)
}

async function pidOf(folder: ScratchFolder): Promise<number> {
  return Number((await readFile(join(folder.data, 'postmaster.pid'), 'utf8')).split('\n')[0])
}

describe('a scratch server', () => {
  test('hears no network, runs as somebody without rights, and sees nothing of ours', async () => {
    await using parent = temporaryFolder()
    await using folder = await makeScratchFolder(parent.path, signal)
    await using server = await start(folder)

    const pid = await pidOf(folder)
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
    const status = await readFile(`/proc/${pid}/status`, 'utf8')

    expect(await ask(server, 'SHOW listen_addresses')).toEqual([''])
    expect(status).not.toMatch(/^Uid:\s+0/mu)
    expect(
      environment
        .split('\0')
        .filter((line) => line !== '')
        .toSorted(),
    ).toEqual([
      'LC_ALL=C.UTF-8',
      expect.stringMatching(/^PATH=/u),
      expect.stringMatching(/^PG_GRANDPARENT_PID=|^TZ=UTC$/u),
    ])
    expect(await ask(server, 'SHOW fsync')).toEqual(['off'])
  })

  test('is gone with all it wrote when it is disposed of', async () => {
    await using parent = temporaryFolder()
    let pid = 0
    {
      await using folder = await makeScratchFolder(parent.path, signal)
      await using _server = await start(folder)
      pid = await pidOf(folder)
      expect(isAlive(pid)).toBe(true)
    }

    expect(isAlive(pid)).toBe(false)
    expect(await readdir(parent.path)).toEqual([])
  })

  test('says what its log says when it does not start in time (D-24)', async () => {
    await using parent = temporaryFolder()
    await using folder = await makeScratchFolder(parent.path, signal)

    await expect(start(folder, 0)).rejects.toThrow('DATABASE_SERVER_TIMEOUT')
  })

  test('has a short socket even where its folder has a long name', async () => {
    await using parent = temporaryFolder()
    const deep = parent.join('x'.repeat(120))
    await mkdir(deep)
    await chmod(parent.path, 0o755)
    let sockets = ''
    {
      await using folder = await makeScratchFolder(deep, signal)
      sockets = folder.socketFolder
      await using server = await start(folder)
      expect(await ask(server, 'SELECT 1')).toEqual(['1'])
    }

    expect(existsSync(sockets)).toBe(false)
  })
})

describe('the left-over of an interrupted verification', () => {
  test('is ended and removed, server included', async () => {
    await using parent = temporaryFolder()
    const first = await makeScratchFolder(parent.path, signal)
    await start(first)
    const pid = await pidOf(first)

    await using second = await makeScratchFolder(parent.path, signal)

    await waitUntil('the old server to end', () => !isAlive(pid))
    expect(existsSync(second.data)).toBe(false)
    await using server = await start(second)
    expect(await ask(server, 'SELECT 2')).toEqual(['2'])
  })

  test('never costs another process its life, although the number is in the file (D-34)', async () => {
    await using parent = temporaryFolder()
    const first = await makeScratchFolder(parent.path, signal)
    const bystander = spawn('sleep', ['60'])
    await mkdir(first.data)
    await writeFile(join(first.data, 'postmaster.pid'), `${bystander.pid}\n${first.data}\n`)

    await using _second = await makeScratchFolder(parent.path, signal)

    expect(isAlive(bystander.pid ?? 0)).toBe(true)
    bystander.kill('SIGKILL')
  })

  test('is only what has our marker: a folder of somebody else stays', async () => {
    await using parent = temporaryFolder()
    await mkdir(parent.join('scratch'))
    await writeFile(parent.join('scratch/precious'), 'data')

    await expect(makeScratchFolder(parent.path, signal)).rejects.toThrow('in the way')
    expect(await readFile(parent.join('scratch/precious'), 'utf8')).toBe('data')
  })
})

describe('a user without a name', () => {
  test('gets one from libnss-wrapper, which initdb needs', async () => {
    await using parent = temporaryFolder()
    await chmod(parent.path, 0o777)
    const script = join(import.meta.dirname, 'scratch-child.ts')
    const said = execFileSync(
      'setpriv',
      ['--reuid=1234567', '--regid=0', '--clear-groups', process.execPath, script, parent.path],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } },
    )

    expect(said.trim()).toBe('1')
  })
})
