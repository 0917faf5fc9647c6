import { onTestFinished } from 'vitest'
import type { MirrorName } from '../../src/model/index.ts'
import { sharedCeph } from './ceph.ts'
import { startVsftpd } from './ftp-servers.ts'
import { temporaryFolder } from './volume.ts'

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
    const { endpoint, user, password, createBucket } = await sharedCeph()
    return {
      S3_ENDPOINT: endpoint,
      S3_BUCKET: await createBucket(),
      S3_USER: user,
      S3_PASSWORD: password,
    }
  },
  async restic() {
    const folder = temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    return { RESTIC_REPOSITORY: folder.join('repository'), RESTIC_PASSWORD: 'correct horse' }
  },
}

export async function mirrorVariables(...names: readonly MirrorName[]): Promise<MirrorVariables> {
  const all = await Promise.all(names.map((name) => makers[name]()))
  return Object.assign({}, ...all) as MirrorVariables
}
