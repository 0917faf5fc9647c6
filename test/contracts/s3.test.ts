import { randomUUID } from 'node:crypto'
import { beforeAll } from 'vitest'
import { openS3Store } from '../../src/stores/index.ts'
import { type Ceph, cephStarts, sharedCeph } from '../support/ceph.ts'
import { describeStore } from './store.contract.ts'

let [ceph, bucket]: [Ceph | null, string] = [null, '']

beforeAll(async () => {
  ceph = await sharedCeph()
  bucket = await ceph.createBucket()
}, cephStarts)

describeStore('s3', async () => {
  if (ceph === null) throw new Error('There is no Ceph.')
  return await openS3Store(ceph.options(bucket, { prefix: `in ${randomUUID()}/ä%20+` }))
})
