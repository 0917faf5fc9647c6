import { randomUUID } from 'node:crypto'
import { beforeAll, onTestFinished } from 'vitest'
import { openS3Store, openVolume } from '../../src/stores/index.ts'
import { type Ceph, cephStarts, sharedCeph } from '../support/ceph.ts'
import { temporaryFolder } from '../support/volume.ts'
import { describeStore } from './store.contract.ts'

let [ceph, bucket]: [Ceph | null, string] = [null, '']

beforeAll(async () => {
  ceph = await sharedCeph()
  bucket = await ceph.createBucket()
}, cephStarts)

describeStore('volume', async () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return openVolume(folder.join('not-made-yet'), { modes: { file: 0o600, folder: 0o700 } })
})

describeStore('s3', async () => {
  if (ceph === null) throw new Error('There is no Ceph.')
  return await openS3Store(ceph.options(bucket, { prefix: `in ${randomUUID()}/ä%20+` }))
})
