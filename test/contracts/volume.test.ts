import { onTestFinished } from 'vitest'
import { openVolume } from '../../src/stores/index.ts'
import { emptyRepository } from '../support/restic.ts'
import { temporaryFolder } from '../support/volume.ts'
import { describeStore } from './store.contract.ts'

describeStore('volume', async () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return openVolume(folder.join('not-made-yet'), { modes: { file: 0o600, folder: 0o700 } })
})

// test/stores/restic.test.ts lists more than 1 000.
describeStore(
  'restic',
  async () => {
    const repository = await emptyRepository()
    onTestFinished(() => repository[Symbol.asyncDispose]())
    return repository.open()
  },
  { many: 6 },
)
