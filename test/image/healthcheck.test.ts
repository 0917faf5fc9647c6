import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { environmentFor, launcher, startProgram } from '../support/appliance.ts'
import { freePort } from '../support/postgres-server.ts'
import { temporaryFolder } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const execute = promisify(execFile)
const docker = join(import.meta.dirname, '../../docker')
const healthcheck = join(docker, 'healthcheck.mjs')
const notRoot = process.getuid?.() !== 0
const note = notRoot ? ' (skipped: namespaces need root)' : ''

/** A command as the only one of a container: in a PID namespace of its own. */
function startAlone(command: readonly string[], env: Readonly<Record<string, string>>) {
  const alone = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', '--', ...command]
  return startProgram(alone, { env })
}

/** Exit status and complaint of the health check beside the process that `unshare` has started. */
async function healthBeside(pid: number, env: Readonly<Record<string, string>>) {
  const [child = ''] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ')
  const inside = ['--target', child, '--pid', '--mount', '--', 'node', healthcheck]
  return await execute('nsenter', inside, { env: environmentFor({ env }) }).then(
    () => ({ status: 0, complaint: '' }),
    (error: { code: number; stderr: string }) => ({ status: error.code, complaint: error.stderr }),
  )
}

describe('the health check', () => {
  test(`asks the service, but neither a single run nor HTTP_PORT=0${note}`, async (context) => {
    if (notRoot) return context.skip()
    await using folder = temporaryFolder()
    const [port, other] = [String(await freePort()), String(await freePort())]
    const env = { BACKUP_DIR: folder.join('backups'), BACKUP_PERIOD: '1d', HTTP_PORT: port }
    await using service = startAlone([launcher], env)
    await using idle = startAlone(['tail', '-f', '/dev/null'], env)
    await waitUntil('the service serves', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null)
      return answer?.ok
    })

    const healthy = await healthBeside(service.pid, env)
    const unserved = await healthBeside(service.pid, { HTTP_PORT: other })
    const off = await healthBeside(service.pid, { HTTP_PORT: '0' })
    const byDefault = await healthBeside(idle.pid, {})
    const noService = await healthBeside(idle.pid, { HTTP_PORT: other, HTTP_HOST: '::1' })

    expect(healthy).toStrictEqual({ status: 0, complaint: '' })
    expect(unserved.status).toBe(1)
    expect(unserved.complaint).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/healthz does not answer: .+\n$/u,
    )
    for (const each of [off, byDefault, noService]) expect(each.status).toBe(0)
  })
})

describe('the entry of the image', () => {
  const entry = join(docker, 'entry.sh')

  test('runs a command as it is', async () => {
    const { stdout } = await execute(entry, ['printf', '%s|', 'a b', '-1', ''])
    expect(stdout).toBe('a b|-1||')
  })

  test('takes flags alone for those of /backup.sh', async () => {
    // It is there in the image only, where image.test.ts runs it.
    await expect(execute(entry, ['-1'])).rejects.toMatchObject({
      stderr: expect.stringContaining('/backup.sh') as string,
    })
  })
})
