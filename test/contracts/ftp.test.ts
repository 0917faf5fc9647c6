import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Store } from '../../src/model/index.ts'
import { openFtpStore } from '../../src/stores/index.ts'
import {
  cannotRunPureFtpd,
  type FtpServer,
  sharedFtpServer,
  startPureFtpd,
  startVsftpd,
} from '../support/ftp-servers.ts'
import { describeStore } from './store.contract.ts'

const vsftpd = sharedFtpServer(startVsftpd)
describeStore('ftp on vsftpd', async () => openNewFolder(await vsftpd()))

if (!cannotRunPureFtpd) {
  const pureFtpd = sharedFtpServer(startPureFtpd)
  describeStore('ftp on pure-ftpd', async () => openNewFolder(await pureFtpd()))
}

async function openNewFolder({ options, newFolder, root }: FtpServer): Promise<Store> {
  const folder = await newFolder()
  onTestFinished(() => rm(join(root, folder), { recursive: true, force: true }))
  return await openFtpStore({ ...options, folder })
}
