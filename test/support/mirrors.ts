import { onTestFinished } from 'vitest'
import type { MirrorName } from '../../src/model/index.ts'
import { sharedCeph } from './ceph.ts'
import { startVsftpd } from './ftp-servers.ts'
import { emptyRepository } from './restic.ts'

export type MirrorVariables = Readonly<Record<string, string>>

/** An empty place for copies on a real server, as variables of the appliance. */
const makers: Readonly<Record<MirrorName, () => Promise<MirrorVariables>>> = {
  async ftp() {
    const { options, newFolder } = await startVsftpd()
    const { host, port, user, password, caFile } = options
    return {
      FTP_URL: `ftp://${host}:${port}/${await newFolder()}/`,
      FTP_USER: user,
      FTP_PASSWORD: password.reveal(),
      FTP_CA_FILE: caFile ?? '',
    }
  },
  async s3() {
    const ceph = await sharedCeph()
    const { endpoint, user, password } = ceph
    return {
      S3_ENDPOINT: endpoint,
      S3_BUCKET: await ceph.createBucket(),
      S3_USER: user,
      S3_PASSWORD: password,
    }
  },
  async restic() {
    const repository = await emptyRepository()
    onTestFinished(() => repository[Symbol.asyncDispose]())
    const { RESTIC_PASSWORD = '' } = repository.environment
    return { RESTIC_REPOSITORY: repository.path, RESTIC_PASSWORD }
  },
}

export async function mirrorVariables(...names: readonly MirrorName[]): Promise<MirrorVariables> {
  const all = await Promise.all(names.map((name) => makers[name]()))
  return Object.assign({}, ...all) as MirrorVariables
}
